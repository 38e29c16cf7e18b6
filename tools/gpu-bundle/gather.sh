#!/usr/bin/env bash
# gather.sh MANIFEST BUNDLE SOURCE STRIP: fills the folder BUNDLE. Each line of
# MANIFEST is bin:PROGRAM, suites:PROGRAM, or FILE:PLACE. Beside it lies the
# archive BUNDLE.tar.gz, which is what travels.
set -euo pipefail
manifest=$1 bundle=$2 source=$3 strip=$4
limit_mib=50

rm -rf "$bundle"
mkdir -p "$bundle"/{bin,suites}
while IFS=: read -r first second; do
  [[ -z $first ]] && continue
  if [[ $first == bin || $first == suites ]]; then
    "$strip" -o "$bundle/$first/$(basename "$second")" "$second"
  else
    mkdir -p "$(dirname "$bundle/$second")"
    cp "$first" "$bundle/$second"
  fi
done < "$manifest"
cp "$source/tools/gpu-bundle/run.sh" "$bundle/run.sh"

commit=$(git -C "$source" rev-parse HEAD 2> /dev/null || echo unknown)
if [[ -n $(git -C "$source" status --porcelain --untracked-files=no 2> /dev/null) ]]; then
  commit="$commit with local changes"
fi
echo "$commit" > "$bundle/commit"

tar -C "$(dirname "$bundle")" -czf "$bundle.tar.gz" "$(basename "$bundle")"
size=$(du -sm "$bundle.tar.gz" | cut -f 1)
if ((size > limit_mib)); then
  echo "gpu-bundle: $size MiB, more than $limit_mib: see $bundle.tar.gz" >&2
  exit 1
fi
echo "gpu-bundle: $size MiB in $bundle.tar.gz; run $bundle/run.sh --help"
