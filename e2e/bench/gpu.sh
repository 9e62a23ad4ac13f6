#!/bin/sh
# Kernel suites, parity and benchmark on a machine with an NVIDIA driver and Python (torch, transformers, peft), without Node,
# browser or network. Needs the folder that `node e2e/bench/pack.mjs` made, beside this file or around it.
#
#   sh e2e/bench/gpu.sh [--quick] [--part all|suites|bench] [--only id,id] [--minutes 9] [--name gpu]
#
# Results go to $OUT, else to e2e/bench/results: NAME-suites.json and .md, NAME.json and .md. $PYTHON names the Python,
# VK_DRIVER_FILES the Vulkan driver; where it is not set, the driver's usual places are looked at.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
pack=$here/.pack
[ -d "$here/engine" ] && pack=$here
if [ ! -d "$pack/engine" ]; then
  echo "There is no pack at $pack. Make it where there is Node: node e2e/bench/pack.mjs" >&2
  exit 2
fi
out=${OUT:-$here/results}
mkdir -p "$out"

# Unpacked outside of the pack, which may be read-only; a folder of its own each time, gone afterwards.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
unpack() {
  if command -v xz >/dev/null 2>&1; then
    xz -dc "$1" >"$2"
  else
    "${PYTHON:-python3}" -c 'import lzma, shutil, sys; shutil.copyfileobj(lzma.open(sys.argv[1]), open(sys.argv[2], "wb"))' "$1" "$2"
  fi
}
unpack "$pack"/node-*.xz "$work/node"
chmod +x "$work/node"
cp -r "$pack/webgpu" "$work/webgpu"
for packed in "$work"/webgpu/dist/*/dawn.node.xz; do
  unpack "$packed" "${packed%.xz}"
done

# The driver's own loader where it has one, else ours.
if ! { ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null || true; } | grep -q 'libvulkan\.so\.1'; then
  echo "No Vulkan loader here; using the one that was carried along."
  mkdir "$work/vulkan"
  cp "$pack"/vulkan/libvulkan.so.1* "$work/vulkan/"
  [ -e "$work/vulkan/libvulkan.so.1" ] || ln -s "$(ls "$work"/vulkan/libvulkan.so.1*)" "$work/vulkan/libvulkan.so.1"
  export LD_LIBRARY_PATH="$work/vulkan${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
fi

# Containers often hold the driver's ICD where no loader looks.
if [ -z "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}" ]; then
  for folder in /etc/vulkan/icd.d /usr/share/vulkan/icd.d /usr/local/share/vulkan/icd.d /usr/local/nvidia/share/vulkan/icd.d /usr/local/nvidia/vulkan/icd.d; do
    if [ -f "$folder/nvidia_icd.json" ]; then
      export VK_DRIVER_FILES="$folder/nvidia_icd.json"
      break
    fi
  done
fi
echo "Vulkan driver: ${VK_DRIVER_FILES:-the system’s choice}"

# Packages that the machine was said to lack.
[ -d "$pack/python" ] && export PYTHONPATH="$pack/python${PYTHONPATH:+:$PYTHONPATH}"

"$work/node" "$pack/bare.mjs" --webgpu "$work/webgpu/index.js" --out "$out" "$@"
