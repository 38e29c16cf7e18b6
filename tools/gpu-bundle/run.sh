#!/usr/bin/env bash
# Runs what lies in this folder on a machine without a compiler, and keeps a
# record. Made by the build target gpu-bundle; needs bash, coreutils and, for
# the GPU, a driver.
set -uo pipefail

usage() {
  cat <<'END'
Usage: run.sh [tests|bench|sustained|all|sanitize] [OUT]

  tests     examples on both back ends, conformance tests, fault trials
  bench     floors of this machine and the benchmarks
  sustained the 60 seconds of a record; its rows go beside those of bench
  all       tests and bench (default)
  sanitize  memcheck, synccheck and racecheck of compute-sanitizer over small
            examples and the conformance tests on the GPU; needs it in PATH, or
            in $CUDA_HOME or /usr/local/cuda

Outputs, and the record (record.txt, sustained.txt), go to OUT (default: ./out). The exit code
is 0 if everything passed. RK_BUNDLE_GPU=no runs only what needs no GPU.
For sanitize, RK_BUNDLE_GPUS="2 3" takes these and not all, and RK_BUNDLE_LIMIT is how
many seconds a share of a suite may take (default: 300).
RK_BUNDLE_SECONDS=N makes the run of sustained as long.
END
}

what=${1:-all}
case $what in
  tests | bench | sustained | all | sanitize) ;;
  --help | -h) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${2:-$PWD/out}
gpu=${RK_BUNDLE_GPU:-yes}
mkdir -p "$out" || exit 1
out=$(cd "$out" && pwd)
record=$out/record.txt
[[ $what == sustained ]] && record=$out/sustained.txt
failures=0
export PATH=$here/bin:$PATH

header() {
  echo "RingKernel GPU record"
  echo "date        $(date -u +%Y-%m-%dT%H:%M:%SZ)"
  echo "commit      $(cat "$here/commit")"
  echo "host        $(uname -sr), $(nproc) threads of $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
  local fields=name,driver_version,clocks.sm,clocks.mem,clocks.max.sm,clocks.max.mem,memory.total
  if command -v nvidia-smi > /dev/null; then
    nvidia-smi --query-gpu=$fields --format=csv,noheader | while IFS= read -r line; do
      echo "gpu         $line"
    done
    echo "gpu fields  $fields"
  else
    echo "gpu         none (no nvidia-smi)"
  fi
  echo
}

# verdict NAME SECONDS [REASON]: one line of the table.
verdict() {
  if [[ -z ${3:-} ]]; then
    printf '%-44s PASS %7.2f s\n' "$1" "$2"
  else
    printf '%-44s FAIL %7.2f s  %s\n' "$1" "$2" "$3"
    failures=$((failures + 1))
  fi
}

# attempt NAME CODE LIMIT COMMAND...: runs the command, at most LIMIT seconds,
# with its output in OUT/NAME.out and .err; sets `reason` and `elapsed`.
attempt() {
  local name=$1 code=$2 limit=$3 begin end got
  shift 3
  begin=$(date +%s.%N)
  timeout -k 5 "$limit" "$@" > "$out/$name.out" 2> "$out/$name.err"
  got=$?
  end=$(date +%s.%N)
  elapsed=$(awk "BEGIN { print $end - $begin }")
  reason=
  if [[ $got == 124 || $got == 137 ]]; then
    reason="still running after $limit s"
  elif [[ $got != "$code" ]]; then
    reason="exit code $got, not $code: $(tail -n 1 "$out/$name.err" | cut -c 1-200)"
  fi
}

# expect FILE EXPECTED: adds a difference to `reason`.
expect() {
  if [[ -z $reason ]] && ! cmp -s "$1" "$2"; then
    reason="differs from $(basename "$2"): $(diff "$1" "$2" | head -n 2 | tail -n 1 | cut -c 1-100)"
  fi
}

# expect_text FILE TEXT: FILE must contain TEXT.
expect_text() {
  if [[ -z $reason ]] && ! grep -qF -- "$2" "$1"; then
    reason="no '$2' in $(basename "$1"): $(tail -n 1 "$1" | cut -c 1-100)"
  fi
}

run_examples() {
  local backend name arguments
  for backend in "$@"; do
    for name in ping-pong bank pipeline word-count stream fraud sustained heat \
      gray-scott game-of-life poisson wave-2d wave-3d acoustics noise-canceller; do
      arguments=()
      [[ $name == word-count ]] && arguments=("$here/data/GPL-3")
      rm -f "$out/$name.$backend.txt"
      attempt "$name.$backend" 0 60 "$name" "--backend=$backend" \
        "--result=$out/$name.$backend.txt" "${arguments[@]}"
      expect "$out/$name.$backend.txt" "$here/expected/$name.txt"
      verdict "example $name, $backend" "$elapsed" "$reason"
      [[ -z $reason ]] && sed -n 's/^\(ran on\|took\)/    \1/p' "$out/$name.$backend.out"
    done
  done
}

# run_comparison NAME SIZE STEPS: each way to compute a wave, beside a plain
# loop, with a film made on the way.
run_comparison() {
  attempt "$1-compare" 0 120 "$1" --compare "--size=$2" "--steps=$3" \
    "--html=$out/$1.html" --pictures=8
  expect_text "$out/$1-compare.out" "wrote $out/$1.html"
  verdict "example $1, all ways" "$elapsed" "$reason"
  sed -n '/cells\/s/s/^/    /p' "$out/$1-compare.out"
}

run_suites() {
  local backend suite
  for backend in "$@"; do
    for suite in "$here"/suites/*; do
      [[ -x $suite ]] || continue
      RK_BACKEND=$backend attempt "$(basename "$suite").$backend" 0 120 "$suite"
      verdict "suite $(basename "$suite"), $backend" "$elapsed" "$reason"
      grep -E '^\[  (PASSED|FAILED|SKIPPED)' "$out/$(basename "$suite").$backend.out" |
        grep -v ' ms)$' | sed 's/^/    /'
    done
  done
}

# A process that dies while the kernel runs must leave nothing behind.
trial_kill() {
  local pid
  reason=
  elapsed=0
  RK_BACKEND=$1 rk-trials forever > "$out/kill.$1.out" 2> "$out/kill.$1.err" &
  pid=$!
  for _ in $(seq 200); do
    grep -q running "$out/kill.$1.out" && break
    kill -0 $pid 2> /dev/null || break
    sleep 0.1
  done
  grep -q running "$out/kill.$1.out" || reason="did not start: $(tail -n 1 "$out/kill.$1.err" | cut -c 1-200)"
  sleep 0.5
  kill -9 $pid 2> /dev/null || reason=${reason:-"ended before it was killed"}
  wait $pid 2> /dev/null
  if [[ -z $reason ]]; then
    attempt "after-kill.$1" 0 30 bank "--backend=$1" --transfers=100000
  fi
  verdict "trial: killed while running, then again, $1" "$elapsed" "$reason"
}

trial_loop() {
  RK_BACKEND=$1 attempt "loop.$1" 0 30 rk-trials loop
  expect "$out/loop.$1.out" "$here/expected/trial-loop.txt"
  verdict "trial: a handler that loops, $1" "$elapsed" "$reason"
}

# trial_module NAME BACKEND FILE TEXT [TIMES]: starting with FILE, and asking
# its question so many times, says TEXT.
trial_module() {
  RK_BACKEND=$2 attempt "module-$1.$2" 0 20 rk-trials module "$3" "${5:-1}"
  expect_text "$out/module-$1.$2.out" "$4"
  verdict "trial: module, $1, $2" "$elapsed" "$reason"
}

trial_no_gpu() {
  CUDA_VISIBLE_DEVICES='' attempt no-gpu 1 20 bank --backend=cuda
  expect_text "$out/no-gpu.err" NoDevice
  verdict "trial: no GPU, asked for one" "$elapsed" "$reason"
  CUDA_VISIBLE_DEVICES='' attempt no-gpu-auto 0 60 bank --transfers=10000
  verdict "trial: no GPU, choice left to the system" "$elapsed" "$reason"
}

run_trials() {
  local backend
  for backend in "$@"; do
    trial_loop "$backend"
    trial_kill "$backend"
    trial_module whole "$backend" "$here/modules/trials.rkm" "answer: 42"
    trial_module probed "$backend" "$here/modules/trials-probed.rkm" \
      "probe worker" 2000
    head -c 1500 "$here/modules/trials.rkm" > "$out/truncated.rkm"
    trial_module truncated "$backend" "$out/truncated.rkm" "load: CorruptModule"
    trial_module missing "$backend" "$out/no-such.rkm" "load: IoError"
  done
  if [[ $gpu == yes ]]; then
    trial_module other-gpu cuda "$here/modules/trials-other-gpu.rkm" "start: NoImage"
  fi
  trial_no_gpu
}

run_tests() {
  local backends=(cpu)
  [[ $gpu == yes ]] && backends=(cuda cpu)
  echo "Tests"
  run_examples "${backends[@]}"
  run_comparison wave-2d 2048 200
  run_comparison wave-3d 256 100
  run_suites "${backends[@]}"
  run_trials "${backends[@]}"
  # What ran before must have left the device usable.
  [[ $gpu == yes ]] && {
    attempt last.cuda 0 30 ping-pong --backend=cuda
    verdict "example ping-pong, cuda, once more" "$elapsed" "$reason"
  }
  echo
}

# bench_group FILE PROGRAM LIMIT ARGUMENT...: appends the rows to FILE.
bench_group() {
  local file=$1 program=$2 limit=$3 name
  shift 3
  name=${!#}
  name=$program-${name#--}
  attempt "$name" 0 "$limit" "$program" "$@"
  cat "$out/$name.out" >> "$out/$file"
  echo "{\"groups\": {\"$name\": $elapsed}}" >> "$out/$file"
  if [[ -n $reason ]]; then
    reason="$reason$(sed -n 's/.*"error": //p' "$out/$name.out" | cut -c 1-200 | tr '\n' ' ')"
  fi
  verdict "bench $name" "$elapsed" "$reason"
}

# bench_applications BACKEND: the rows of those examples that are applications,
# at sizes that fill a GPU.
bench_applications() {
  local stream=() stream_host=() fraud=() fraud_host=()
  if [[ $1 == cuda ]]; then
    stream=(--groups=2048 --window=16 --batch=4 --events=8000)
    stream_host=(--groups=512 --window=64 --batch=8 --events=8192 --threads=4)
    fraud=(--branches=256 --hours=100 --window=16)
    fraud_host=(--branches=256 --hours=20 --window=16 --threads=4)
  fi
  bench_group bench.jsonl stream 180 "--backend=$1" --json --runs=5 \
    "${stream[@]}" --feed=device
  bench_group bench.jsonl stream 180 "--backend=$1" --json --runs=5 \
    "${stream_host[@]}" --feed=host
  bench_group bench.jsonl fraud 180 "--backend=$1" --json --runs=5 \
    "${fraud[@]}" --feed=device
  bench_group bench.jsonl fraud 180 "--backend=$1" --json --runs=5 \
    "${fraud_host[@]}" --feed=host
}

# about FILE: begins FILE with whence its rows are.
about() {
  echo "{\"date\": \"$(date -u +%Y-%m-%dT%H:%M:%SZ)\", \"commit\": \"$(cat "$here/commit")\"}" \
    > "$out/$1"
}

run_sustained() {
  local backend=cpu load=() seconds=${RK_BUNDLE_SECONDS:-60}
  [[ $gpu == yes ]] && backend=cuda load=(--relays=32768 --parcels=4)
  about sustained.jsonl
  bench_group sustained.jsonl sustained $((seconds + 60)) "--backend=$backend" \
    --json "${load[@]}" "--seconds=$seconds"
}

run_bench() {
  local group begin=$SECONDS
  echo "Benchmarks"
  about bench.jsonl
  rm -f "$out/floors.jsonl"
  if [[ $gpu == yes ]]; then
    about floors.jsonl
    for group in host-link device-link launch ping-pong memory copies bulk-copies \
      pooled barriers local-barriers tiers baselines stencil-bounds; do
      bench_group floors.jsonl rk-floors 60 "$group"
    done
  fi
  local backend=cpu
  [[ $gpu == yes ]] && backend=cuda
  for group in round-trip asks hop injection pooled matrix-1K \
    matrix-32K matrix-1M matrix-10M broadcast skew spawn lifecycle memory; do
    bench_group bench.jsonl rk-bench 120 "--backend=$backend" "$group"
  done
  bench_group bench.jsonl rk-residents 120 "--backend=$backend"
  [[ $gpu == yes ]] &&
    bench_group bench.jsonl rk-bulk 120 "--backend=cuda" hop read copy &&
    bench_group bench.jsonl rk-bulk-blocks 60 "--backend=cuda"
  # On the CPU a group has one lane, and no barrier.
  [[ $gpu == yes ]] && bench_group bench.jsonl rk-barriers 60 "--backend=cuda"
  bench_group bench.jsonl rk-savina 120 "--backend=$backend"
  bench_group bench.jsonl rk-bench-stencils 240 "--backend=$backend" --record
  bench_applications "$backend"
  echo "{\"seconds\": $((SECONDS - begin))}" >> "$out/bench.jsonl"
  echo "seconds     $((SECONDS - begin))"
  echo
}

# sanitized TOOL NAME LIMIT COMMAND...: the program must succeed as without the
# tool, and the tool must find nothing.
sanitized() {
  local tool=$1 name=$2 limit=$3 log=$out/$1-$2.log
  shift 3
  attempt "$tool-$name" 0 "$limit" compute-sanitizer --tool "$tool" \
    --log-file "$log" --error-exitcode 99 "$@"
  expect_text "$log" "SUMMARY: 0 "
  verdict "$tool: $name" "$elapsed" "$reason"
  grep -F SUMMARY "$log" | sed 's/^=*/   /'
  grep -hE '^\[  (PASSED|FAILED|SKIPPED) .* tests?[,.]' "$out/$tool-$name.out" |
    sed 's/^/    /'
}

# sanitized_suite TOOL SUITE: each GPU runs a share of the tests. Tests of
# time limits and of full mailboxes are left out: the tools' slowness breaks them.
sanitized_suite() {
  local tool=$1 suite=$2 gpus i shares=()
  local filter='-*.AFullMailbox*:*.AMailboxThatStaysFull'
  read -ra gpus <<< "${RK_BUNDLE_GPUS:-$(nvidia-smi --query-gpu=index --format=csv,noheader | tr '\n' ' ')}"
  for i in "${!gpus[@]}"; do
    CUDA_VISIBLE_DEVICES=${gpus[i]} GTEST_TOTAL_SHARDS=${#gpus[@]} \
      GTEST_SHARD_INDEX=$i sanitized "$tool" \
      "$suite.$((i + 1))-of-${#gpus[@]}" "${RK_BUNDLE_LIMIT:-300}" \
      "$here/suites/$suite" "--gtest_filter=$filter" > "$out/share-$i.txt" &
    shares+=($!)
  done
  wait "${shares[@]}"
  for i in "${!gpus[@]}"; do
    cat "$out/share-$i.txt"
    ! grep -q ' FAIL ' "$out/share-$i.txt" || failures=$((failures + 1))
    rm "$out/share-$i.txt"
  done
}

run_sanitizers() {
  local tool suite home=${CUDA_HOME:-/usr/local/cuda}
  export RK_BACKEND=cuda PATH=$PATH:$home/bin:$home/compute-sanitizer
  echo "Sanitizers: $(compute-sanitizer --version | sed -n 's/^Version //p')"
  for tool in memcheck synccheck; do
    sanitized "$tool" bank 60 bank --backend=cuda --transfers=20000
    sanitized "$tool" ping-pong 60 ping-pong --backend=cuda
    for suite in "$here"/suites/*; do
      suite=$(basename "$suite")
      [[ $suite != rk-conformance-stall ]] || continue
      # synccheck ends the kernels of teams and of resident stencils for a use of
      # barriers that PTX allows (test/gpu-results/README.md).
      [[ $tool == memcheck || $suite =~ ^rk-conformance(-residents)?$ ]] || continue
      sanitized_suite "$tool" "$suite"
    done
  done
  # Shared memory only, and it knows barriers but no marks in packets: so not
  # the suites of pooled and resident actors (test/gpu-results/README.md).
  sanitized_suite racecheck rk-stencil-test
  echo
}

main() {
  header
  case $what in
    tests) run_tests ;;
    bench) run_bench ;;
    sustained) run_sustained ;;
    all)
      run_tests
      run_bench
      ;;
    sanitize) run_sanitizers ;;
  esac
  echo "failures    $failures"
}

main > >(tee "$record") 2>&1
wait $!
grep -q '^failures    0$' "$record"
