"""Checks an exported SavedModel with TensorFlow's own Python, which no test here needs.

    pip install tensorflow-cpu
    npx skiplane export latest --format savedmodel -o /tmp/served
    npx skiplane predict cat.png dog.png --run latest --json > /tmp/predictions.json
    python test/exports/check_savedmodel.py /tmp/served cat.png dog.png --predictions /tmp/predictions.json

Of every image: the signatures `encoded` (the file), `serving_default` (its pixels) and `normalized` (what the network
sees) must say the same, also of images of equal size together, probabilities must be the softmax of the logits, and the
best class must be the one that `skiplane predict` names. Prediction resizes with antialiasing and the export without, as
evaluation during training does, so probabilities are compared where the image has the size of the network. Exits 1 on
the first thing that is wrong.
"""

import argparse
import json
import pathlib
import sys

import numpy as np
import tensorflow as tf

MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)


def expect(condition, message):
    if not condition:
        sys.exit(f"wrong: {message}")


def describe(function):
    inputs = {name: (spec.dtype.name, spec.shape.as_list()) for name, spec in function.structured_input_signature[1].items()}
    outputs = {name: (spec.dtype.name, spec.shape.as_list()) for name, spec in function.structured_outputs.items()}
    return inputs, outputs


def check_signatures(model):
    expect(sorted(model.signatures) == ["encoded", "normalized", "serving_default"], f"signatures {list(model.signatures)}")
    pixels, outputs = describe(model.signatures["serving_default"])
    expect(pixels == {"images": ("uint8", [None, None, None, 3])}, f"serving_default takes {pixels}")
    encoded, _ = describe(model.signatures["encoded"])
    expect(encoded == {"image_bytes": ("string", [])}, f"encoded takes {encoded}")
    normalized, _ = describe(model.signatures["normalized"])
    [(dtype, [_, side, width, channels])] = normalized.values()
    expect(dtype == "float32" and side == width and channels == 3, f"normalized takes {normalized}")
    num_classes = outputs["logits"][1][1]
    expect(outputs["probabilities"] == outputs["logits"] == ("float32", [None, num_classes]), f"outputs {outputs}")
    return side, num_classes


def close(left, right, what, tolerance=1e-4):
    error = np.linalg.norm(left - right) / max(np.linalg.norm(right), 1e-12)
    expect(error <= tolerance, f"{what}: relative error {error:.1e}")
    return error


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("images", nargs="+")
    parser.add_argument("--predictions", help="what skiplane predict --json printed of the same images")
    arguments = parser.parse_args()

    model = tf.saved_model.load(arguments.folder)
    side, num_classes = check_signatures(model)
    names = json.loads((pathlib.Path(arguments.folder) / "assets.extra" / "classes.json").read_text())
    expect(len(names) == num_classes, f"{len(names)} names for {num_classes} classes")
    predictions = {}
    if arguments.predictions:
        said = json.loads(pathlib.Path(arguments.predictions).read_text())["predictions"]
        predictions = {prediction["file"]: prediction for prediction in said}

    of_size = {}
    for file in arguments.images:
        data = pathlib.Path(file).read_bytes()
        # Its kernel reads PNG too; decode_image would take the less exact DCT.
        pixels = tf.io.decode_jpeg(data, channels=3, dct_method="INTEGER_ACCURATE")
        by_file = model.signatures["encoded"](image_bytes=tf.constant(data))
        by_pixels = model.signatures["serving_default"](images=pixels[None])
        logits = by_pixels["logits"].numpy()
        close(by_file["logits"].numpy(), logits, f"{file}: encoded against serving_default")
        close(tf.nn.softmax(logits).numpy(), by_pixels["probabilities"].numpy(), f"{file}: softmax of the logits")
        height, width, _ = pixels.shape
        of_size.setdefault((height, width), []).append((pixels, logits))
        has_own_size = (height, width) == (side, side)
        if has_own_size:
            seen = (pixels.numpy().astype(np.float32) / 255 - MEAN) / DEVIATION
            by_values = model.signatures["normalized"](images=tf.constant(seen[None]))
            close(by_values["logits"].numpy(), logits, f"{file}: normalized against serving_default")
        best = np.argsort(-logits[0], kind="stable")[:5]
        probabilities = by_pixels["probabilities"].numpy()[0]
        prediction = predictions.get(file)
        expect(prediction is not None or not predictions, f"{arguments.predictions} has no {file}")
        if prediction:
            expect(prediction["classes"][0]["index"] == best[0], f"{file}: the best class is {best[0]}, not the predicted one")
            if has_own_size:
                said = [(entry["index"], entry["probability"]) for entry in prediction["classes"]]
                difference = max(abs(probabilities[index] - probability) for index, probability in said)
                expect(difference < 1e-2, f"{file}: probabilities differ by {difference:.1e} from the predicted ones")
        print(file, *(f"{names[index]} {probabilities[index]:.4f}" for index in best), sep="  ")
    for (height, width), seen in of_size.items():
        together = model.signatures["serving_default"](images=tf.stack([pixels for pixels, _ in seen]))["logits"].numpy()
        alone = np.concatenate([logits for _, logits in seen])
        close(together, alone, f"{len(seen)} images of {width}x{height} together against one by one")
    print(f"TensorFlow {tf.__version__}: {len(arguments.images)} images, all signatures agree")


if __name__ == "__main__":
    main()
