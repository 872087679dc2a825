/** State-dict names with their PyTorch shapes. */
type Shapes = ReadonlyMap<string, readonly number[]>;

/** Names that tell a network which is none of ours; the first that matches. Prefixes may stand before. */
const BY_NAME: readonly (readonly [RegExp, string])[] = [
  [
    /(^|\.)embedder\.embedder\.convolution\.weight$/,
    "a ResNet under the names of Hugging Face's transformers: timm has the same networks under torchvision's names",
  ],
  [/(^|\.)res2\.0\.conv1\.weight$/, "a ResNet under Detectron2's names"],
  [
    /(^|\.)4\.0\.conv1\.weight$/,
    "a ResNet whose children were put into an nn.Sequential, which loses their names: save the ResNet's own state_dict()",
  ],
  [/(^|\.)layer1\.0\.(se|eca)\.conv\./, 'a ResNet with channel attention (ECA-ResNet)'],
  [/(^|\.)layer1\.0\.(se|se_module)\./, 'a ResNet with squeeze and excitation (SE-ResNet)'],
  [/(^|\.)layer1\.0\.convs\.0\.weight$/, 'a Res2Net'],
  [/(^|\.)layer1\.0\.conv[12]\.paths\./, 'a selective-kernel network (SKNet)'],
  [/(^|\.)layer1\.0\.conv2\.fc1\./, 'a ResNeSt'],
  [/(^|\.)layer1\.0\.bn1\.IN\./, 'a ResNet with instance and batch normalisation (IBN-Net)'],
  [/(^|\.)attnpool\.|(^|\.)layer1\.0\.avgpool\b/, "CLIP's ResNet, which has a deep stem and attention at its end"],
  [/(^|\.)layer\d\.0\..*\.filt$/, 'an anti-aliased ResNet (BlurPool)'],
  [/(^|\.)stages\.0\.blocks\.0\.norm1\.weight$/, "timm's pre-activation ResNet (ResNetV2) or BiT"],
  [/(^|\.)trunk_output\.block1\b/, 'a RegNet'],
  [/(^|\.)stages\.0\.blocks\.0\.conv_dw\.|(^|\.)features\.1\.0\.block\.0\.weight$/, 'a ConvNeXt'],
  [/(^|\.)features\.denseblock1\./, 'a DenseNet'],
  [/(^|\.)(blocks\.0\.attn\.qkv|encoder\.layers\.encoder_layer_0\.)/, 'a vision transformer'],
  [/(^|\.)classifier\.6\.weight$/, 'a VGG or an AlexNet'],
  [/(^|\.)Mixed_5b\./, 'an Inception network'],
  [/(^|\.)(conv_stem|features\.0\.0)\.weight$/, 'a MobileNet or an EfficientNet'],
];

/** What a network is that has these tensors and is none of ours, for people: a noun with its reason. undefined: nothing says so. */
export function foreignNetwork(shapes: Shapes): string | undefined {
  const named = BY_NAME.find(([pattern]) => [...shapes.keys()].some((name) => pattern.test(name)));
  return named?.[1] ?? kinOfOurs(shapes);
}

/** Networks with torchvision's names and other shapes. */
function kinOfOurs(shapes: Shapes): string | undefined {
  const of = (name: string): readonly number[] => shapes.get(`${name}.weight`) ?? [];
  if (of('layer1.0.conv1').length !== 4) return undefined;
  const [width = 0] = of('layer1.0.conv1');
  const [outChannels = 0, ofGroup = 0] = of('layer1.0.conv2');
  const expanded = of('layer1.0.conv3')[0];
  const isBottleneck = expanded !== undefined && of('layer1.0.conv1')[2] === 1;
  const depth = depthOf(shapes, isBottleneck ? 3 : 2);
  // As many of the first stage's own channels as an input group of its 3x3 convolution has.
  const numGroups = ofGroup === 0 ? 1 : width / ofGroup;
  if (Number.isInteger(numGroups) && numGroups > 1 && isBottleneck) {
    const name = `resnext${depth}_${numGroups}x${outChannels / numGroups}d`;
    return `${name}, a ResNeXt: its 3x3 convolutions are in ${numGroups} groups, which no network of ours has`;
  }
  const hasDeepStem = of('conv1.0').length === 4;
  const poolsInShortcuts = [...shapes].some(
    ([name, shape]) => /^layer\d+\.0\.downsample\.1\.weight$/.test(name) && shape.length === 4,
  );
  if (hasDeepStem || poolsInShortcuts) {
    const parts = [
      ...(hasDeepStem ? ['a stem of three 3x3 convolutions'] : []),
      ...(poolsInShortcuts ? ['average pooling in its shortcuts'] : []),
    ];
    const name = hasDeepStem ? `resnet${depth}${poolsInShortcuts ? 'd' : 'c'}` : `resnet${depth}`;
    const kind = poolsInShortcuts ? 'ResNet-D' : 'ResNet with a deep stem';
    return `timm's ${name}, a ${kind}: it has ${parts.join(' and ')}, which no network of ours has`;
  }
  if (isBottleneck && width * 4 !== expanded) {
    const factor = (width * 4) / expanded;
    const name = `wide_resnet${depth}_${factor}`;
    return `${name}, a Wide ResNet: its 3x3 convolutions are ${factor} times as wide as those of ours`;
  }
  const [stemWidth] = of('conv1');
  if (!isBottleneck && stemWidth !== undefined && stemWidth !== width) {
    return `a Wide ResNet: its first stage is ${width} wide, its stem ${stemWidth}, and those of ours are equal`;
  }
  const hasNorms = shapes.has('bn1.weight') || shapes.has('layer1.0.bn1.weight');
  if (hasNorms && ![...shapes.keys()].some((name) => name.endsWith('.running_mean'))) {
    return 'a ResNet without running statistics: of group normalisation, or of frozen batch normalisations';
  }
  return hasNorms ? undefined : 'a ResNet without batch normalisations: they are folded into its convolutions';
}

/** Layers as names count them: those of the blocks, stem and head. */
function depthOf(shapes: Shapes, layersOfBlock: number): number {
  const blocks = new Set([...shapes.keys()].flatMap((name) => /^layer\d+\.\d+\./.exec(name)?.[0] ?? []));
  return layersOfBlock * blocks.size + 2;
}
