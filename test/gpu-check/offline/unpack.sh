#!/bin/sh
# Puts the parts of a pack in place on a machine that needs no network, no Node and no npm for it; see README.md beside it.
set -eu

usage() {
  cat <<'TEXT'
usage: sh unpack.sh [--root DIR] [--checkout DIR] [--python PYTHON]

Checks the parts beside this script by SHA-256 and unpacks them below --root (default /opt/skiplane). What is there
already in the same version is left, so of a component that did not change no part has to be carried again.

  --checkout DIR   a copy of the checkout with its dist/ that came by another way: it is used instead of the pack's
  --python PYTHON  the interpreter with PyTorch, whose CUDA libraries are used (default: python3 on the PATH)
TEXT
}

root=/opt/skiplane checkout='' python=python3
while [ $# -gt 0 ]; do
  case $1 in
    --root) root=$2; shift 2 ;;
    --checkout) checkout=$2; shift 2 ;;
    --python) python=$2; shift 2 ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done
pack=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$root/.unpacked"
root=$(cd "$root" && pwd)
[ -z "$checkout" ] || checkout=$(cd "$checkout" && pwd)
say() { printf '%s\n' "$*" >&2; }

decompress() {
  if command -v xz >/dev/null 2>&1; then xz -dc
  else "$python" -c 'import lzma, shutil, sys; shutil.copyfileobj(lzma.open(sys.stdin.buffer), sys.stdout.buffer, 1 << 20)'
  fi
}

sums=$pack/SHA256SUMS
[ -f "$sums" ] || { say "there is no $sums"; exit 1; }
parts_of() { sed -n "s/^[0-9a-f]*  \($1\.tar\.xz\.[0-9]*\)\$/\1/p" "$sums"; }
names=$(sed -n 's/^[0-9a-f]*  \([a-z]*\)\.tar\.xz\.00$/\1/p' "$sums")

# First everything is checked, so that all faults are told at once and nothing is half done.
wanted='' faults=0
for name in $names; do
  if [ "$name" = checkout ] && [ -n "$checkout" ]; then continue; fi
  grep "  $name\.tar\.xz\." "$sums" >"$root/.unpacked/$name.wanted"
  if cmp -s "$root/.unpacked/$name.wanted" "$root/.unpacked/$name"; then continue; fi
  wanted="$wanted $name"
  for part in $(parts_of "$name"); do
    if [ ! -f "$pack/$part" ]; then
      say "missing: $part"
      faults=$((faults + 1))
    elif ! (cd "$pack" && grep "  $part\$" SHA256SUMS | sha256sum -c --status -); then
      say "damaged: $part has another SHA-256 than in SHA256SUMS"
      faults=$((faults + 1))
    fi
  done
done
if [ "$faults" -gt 0 ]; then
  say "$faults parts are missing or damaged; nothing was unpacked"
  exit 1
fi

for name in $wanted; do
  say "unpacking $name"
  rm -f "$root/.unpacked/$name"
  (cd "$pack" && parts_of "$name" | xargs cat) | decompress | tar -xf - -C "$root"
  mv "$root/.unpacked/$name.wanted" "$root/.unpacked/$name"
done
rm -f "$root/.unpacked"/*.wanted

# The modules belong to the checkout that runs, and TensorFlow to the module that loads it.
if [ -z "$checkout" ]; then checkout=$root/checkout; fi
[ -f "$checkout/dist/test/gpu-check/main.js" ] || { say "$checkout holds no dist/test/gpu-check/main.js: build it, or carry the part checkout"; exit 1; }
if [ -e "$checkout/node_modules" ] && [ ! -L "$checkout/node_modules" ]; then
  say "$checkout/node_modules is there and is no link: remove it first"
  exit 1
fi
ln -sfn "$root/modules/node_modules" "$checkout/node_modules"
for entry in "$root"/cache/tensorflow/*; do
  for half in lib deps; do ln -sfn "$entry/$half" "$root/modules/node_modules/@tensorflow/tfjs-node-gpu/$half"; done
done

# TensorFlow opens CUDA 12's libraries by name. Where PyTorch brings others, theirs answer to these names: they are called
# by symbol, and what is called is in both. A library finds those it needs itself in the folder it was opened from.
links=$root/cuda/links
rm -rf "$links" && mkdir -p "$links"
link_all() {
  for file in "$1"/*.so*; do
    [ ! -e "$file" ] || [ -e "$links/${file##*/}" ] || ln -s "$file" "$links/${file##*/}"
  done
}
for folder in "$root"/cuda/nvidia/*/lib; do link_all "$folder"; done
torch_folders=$("$python" - 2>/dev/null <<'PYTHON' || true
import glob, importlib.util, os
spec = importlib.util.find_spec('torch')
if spec:
    site = os.path.dirname(os.path.dirname(spec.origin))
    print('\n'.join(glob.glob(site + '/nvidia/*/lib') + [site + '/torch/lib']))
PYTHON
)
for folder in $torch_folders; do link_all "$folder"; done
for name in libcudart.so.12 libcublas.so.12 libcublasLt.so.12 libcufft.so.11 libcusolver.so.11 libcusparse.so.12 \
  libcudnn.so.9 libnccl.so.2 libcupti.so.12 libnvJitLink.so.12; do
  if [ ! -e "$links/$name" ]; then
    other=$(ls "$links" | grep "^${name%.so.*}\.so\.[0-9]*\$" | sort -V | tail -n 1)
    [ -z "$other" ] || ln -s "$(readlink "$links/$other")" "$links/$name"
  fi
  if [ ! -e "$links/$name" ]; then
    say "CUDA: $name was found neither in the pack nor beside PyTorch"
  else
    fault=$(LD_LIBRARY_PATH=$links${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} "$python" -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$links/$name" 2>&1 | tail -n 1) || true
    say "CUDA: $name is $(readlink "$links/$name")${fault:+, which does not open: $fault}"
  fi
done

cat >"$root/env" <<TEXT
export PATH='$root/node/bin':"\$PATH"
export SKIPLANE_CACHE_DIR='$root/cache'
export LD_LIBRARY_PATH='$links'"\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}"
TEXT
cat >"$root/gpu-check" <<TEXT
#!/bin/sh
. '$root/env'
exec node '$checkout/dist/test/gpu-check/main.js' "\$@"
TEXT
chmod +x "$root/gpu-check"
say "ready: $root/gpu-check --help"
