# Shared by the scripts of this folder; sourced, not run.
# shellcheck shell=bash disable=SC2034

rk_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
rk_deps="$rk_root/.deps"

# The version that the sources are written for; 22.1 is what CMake asks for.
rk_llvm_dir=/usr/lib/llvm-22
rk_llvm_tested=22.1.8
rk_llvm_series=22.1

# Prints one line of progress.
say() { printf '%s\n' "-- $*"; }

# Prints what is wrong and what to do, one line an argument, and stops.
fail() {
  printf '%s\n' "error: $1" >&2
  shift
  if (($#)); then printf '       %s\n' "$@" >&2; fi
  exit 1
}

# Prints how many jobs to run at once: one a processor, and no more than there
# is memory for (a source file that includes Clang takes 1.5 GiB).
job_count() {
  local processors kib
  processors=$(nproc)
  kib=$(awk '/^MemAvailable/ {print $2}' /proc/meminfo)
  local fitting=$((kib / 1572864))
  ((fitting >= 1)) || fitting=1
  echo $((processors < fitting ? processors : fitting))
}
