#!/usr/bin/env bash
# Fuzzes what reads a stranger's bytes: fuzz.sh [SECONDS] [TARGET…]
#
# On a stable toolchain: the compiler counts what was reached, libFuzzer (built from source, so a C++ compiler is needed) does the rest.
# It is no part of the gate. Inputs that reached something new stay in target/fuzz/corpus, and what broke in target/fuzz/broken.
set -euo pipefail
cd "$(dirname "$0")/.."

all=(tar split index archive config dockerfile dockerignore budgets markdown)
seconds=60
if [[ ${1:-} =~ ^[0-9]+$ ]]; then
    seconds=$1
    shift
fi
targets=("$@")
[[ ${#targets[@]} -gt 0 ]] || targets=("${all[@]}")
for target in "${targets[@]}"; do
    [[ " ${all[*]} " == *" $target "* ]] || { echo "fuzz: there is no target $target; there are ${all[*]}" >&2; exit 2; }
done
if ! command -v c++ >/dev/null; then
    echo "fuzz: a C++ compiler is missing: install g++ or clang" >&2
    exit 2
fi

out=$PWD/target/fuzz
host=$(rustc -vV | sed -n 's/^host: //p')
export CARGO_TARGET_DIR=$out/build
bins=()
for target in "${targets[@]}"; do bins+=(--bin "$target"); done
# With --target the flags are for the program alone, not for what runs while it is built.
RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
-Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing" \
    cargo build --quiet --manifest-path fuzz/Cargo.toml --target "$host" "${bins[@]}"

broken=0
for target in "${targets[@]}"; do
    mkdir -p "$out/corpus/$target" "$out/seeds/$target" "$out/broken"
    status=0
    # Memory that the input did not pay for is a crash: so much at once, and so much in all.
    IMGBUDGET_FUZZ_SEEDS=$out/seeds/$target "$out/build/$host/debug/$target" "$out/corpus/$target" "$out/seeds/$target" -max_total_time="$seconds" -max_len=65536 \
        -malloc_limit_mb=256 -rss_limit_mb=1024 -timeout=10 -print_final_stats=1 -artifact_prefix="$out/broken/$target-" \
        >"$out/$target.log" 2>&1 || status=$?
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$out/$target.log" | tail -1)
    peak=$(sed -n 's/^stat::peak_rss_mb: *//p' "$out/$target.log" | tail -1)
    reached=$(grep -o 'cov: [0-9]*' "$out/$target.log" | tail -1)
    verdict=held
    [[ $status -eq 0 ]] || verdict="BROKEN, see $out/$target.log"
    printf '%-13s %10s executions, %s, peak %s MB: %s\n' "$target" "${runs:-?}" "${reached:-cov: ?}" "${peak:-?}" "$verdict"
    [[ $status -eq 0 ]] || broken=1
done
exit "$broken"
