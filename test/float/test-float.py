#!/usr/bin/env python3
"""Compares rk's low-precision numbers with those of ml_dtypes.

usage: test-float.py PROGRAM FOLDER [--count N] [--seed S]

PROGRAM is rk_float_dump. If this Python has no ml_dtypes, the one in .deps/venv
is used, which tools/dev/setup makes, else one that is made in FOLDER.

ml_dtypes does not saturate and has its own codes for NaN. What rk promises there
(rk/abi/FloatFormats.h) is stated here once more, from the PTX manual; everywhere
else the two must agree in every bit.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
WANTED = ROOT / "tools" / "dev" / "requirements.txt"


def use_python_with_packages(folder):
    """Starts over with a Python that has the packages."""
    candidates = [ROOT / ".deps" / "venv", pathlib.Path(folder) / "float-venv"]
    for venv in candidates:
        python = venv / "bin" / "python"
        probe = [str(python), "-c", "import ml_dtypes"]
        if python.exists() and subprocess.run(
                probe, stderr=subprocess.DEVNULL, check=False).returncode == 0:
            break
    else:
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        result = subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet",
             "--disable-pip-version-check", "-r", str(WANTED)], check=False)
        if result.returncode:
            sys.exit(f"error: pip could not install {WANTED}; with network "
                     "access, run tools/dev/setup")
    if os.environ.get("RK_FLOAT_RESTARTED"):
        sys.exit(f"error: {python} does not import numpy and ml_dtypes; remove "
                 f"{venv} and run tools/dev/setup")
    os.environ["RK_FLOAT_RESTARTED"] = "1"
    os.execv(str(python), [str(python), *sys.argv])


def formats(ml_dtypes):
    """name, type of ml_dtypes, bits, largest code, code of NaN; a largest code
    of None: overflows to infinity."""
    return [
        ("bf16", ml_dtypes.bfloat16, 16, None, 0x7FFF),
        ("e4m3", ml_dtypes.float8_e4m3fn, 8, 0x7E, 0x7F),
        ("e5m2", ml_dtypes.float8_e5m2, 8, 0x7B, 0x7F),
        ("e3m2", ml_dtypes.float6_e3m2fn, 6, 0x1F, 0x1F),
        ("e2m3", ml_dtypes.float6_e2m3fn, 6, 0x1F, 0x1F),
        ("e2m1", ml_dtypes.float4_e2m1fn, 4, 0x07, 0x07),
    ]


def decoded(np, dtype, bits):
    """The numbers of all codes, as ml_dtypes sees them."""
    codes = np.arange(1 << bits, dtype=np.uint32)
    word = np.uint16 if bits == 16 else np.uint8
    with np.errstate(all="ignore"):
        return codes.astype(word).view(dtype).astype(np.float32)


def check_decode(np, program, name, dtype, bits):
    output = subprocess.run([program, "decode", name], check=True,
                            capture_output=True).stdout
    ours = np.frombuffer(output, dtype=np.uint32)
    numbers = decoded(np, dtype, bits)
    expected = numbers.view(np.uint32).copy()
    isnan = np.isnan(numbers)
    if bits == 16:  # moved, not converted
        expected = np.arange(1 << 16, dtype=np.uint32) << 16
    else:
        expected[isnan] = 0x7FFFFFFF
    report(np, name, "decode", np.arange(1 << bits), ours, expected)
    return len(ours), int(isnan.sum())


def check_encode(np, program, row, words):
    name, dtype, bits, largest, nan = row
    ours = np.frombuffer(
        subprocess.run([program, "encode", name], input=words.tobytes(),
                       check=True, capture_output=True).stdout, dtype=np.uint16)
    values = words.view(np.float32)
    with np.errstate(all="ignore"):
        theirs = values.astype(dtype)
    theirs = theirs.view(np.uint16 if bits == 16 else np.uint8)
    expected = theirs.astype(np.uint16)
    isnan = np.isnan(values)
    expected[isnan] = nan
    over = np.zeros_like(isnan)
    if largest is not None:
        limit = decoded(np, dtype, bits)[largest]
        over = ~isnan & (np.abs(values) > limit)
        sign = (words[over] >> 31 << (bits - 1)).astype(np.uint16)
        expected[over] = sign | largest
    report(np, name, "encode", words, ours, expected)
    return int((expected[over] != theirs[over]).sum())


def report(np, name, what, inputs, ours, expected):
    if len(ours) != len(expected):
        sys.exit(f"{name} {what}: {len(ours)} results for {len(expected)}")
    wrong = np.flatnonzero(ours != expected)
    if len(wrong):
        for at in wrong[:10]:
            print(f"{name} {what} of 0x{inputs[at]:08x}: 0x{ours[at]:x}, "
                  f"expected 0x{expected[at]:x}")
        sys.exit(f"{name} {what}: {len(wrong)} of {len(ours)} differ")


def neighbours(np, words):
    """The words, and the floats just below and above."""
    return np.concatenate([words, words - np.uint32(1), words + np.uint32(1)])


def chosen_words(np, dtype, bits):
    """Every upper half, every code, every midpoint of two codes, and what is
    near; the specials."""
    upper = np.arange(1 << 16, dtype=np.uint32) << 16
    lower = np.array([0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF], dtype=np.uint32)
    halves = (upper[:, None] | lower[None, :]).ravel()
    numbers = decoded(np, dtype, bits)
    exact = np.unique(numbers[np.isfinite(numbers)])
    wide = exact.astype(np.float64)
    middles = ((wide[1:] + wide[:-1]) / 2).astype(np.float32)
    specials = np.array(
        [0, 1, 0x007FFFFF, 0x00800000, 0x7F7FFFFF, 0x7F800000, 0x7F800001,
         0x7FBFFFFF, 0x7FC00000, 0x7FFFFFFF], dtype=np.uint32)
    specials = np.concatenate([specials, specials | np.uint32(1 << 31)])
    return np.concatenate([halves, neighbours(np, middles.view(np.uint32)),
                           neighbours(np, exact.view(np.uint32)), specials])


def random_words(np, count, seed):
    """Half any words, half numbers between 2^-20 and 2^20, where the small
    formats live."""
    random = np.random.default_rng(seed)
    words = random.integers(0, 1 << 32, count, dtype=np.uint32)
    near = words[: count // 2]
    exponents = random.integers(107, 148, len(near), dtype=np.uint32)
    near &= np.uint32(0x807FFFFF)
    near |= exponents << np.uint32(23)
    return words


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("folder")
    parser.add_argument("--count", type=int, default=12_000_000)
    parser.add_argument("--seed", type=int, default=2022)
    options = parser.parse_args()
    try:
        import ml_dtypes
        import numpy as np
    except ImportError:
        use_python_with_packages(options.folder)
    start = time.monotonic()
    print(f"ml_dtypes {ml_dtypes.__version__}, numpy {np.__version__}, "
          f"seed {options.seed}")
    sample = random_words(np, options.count, options.seed)
    for row in formats(ml_dtypes):
        name, dtype, bits = row[:3]
        codes, nans = check_decode(np, options.program, name, dtype, bits)
        words = np.concatenate([chosen_words(np, dtype, bits), sample])
        saturated = check_encode(np, options.program, row, words)
        print(f"{name}: {codes} codes ({nans} NaN) and {len(words)} floats "
              f"agree; {saturated} saturate where ml_dtypes does not")
    print(f"{time.monotonic() - start:.1f} s")


if __name__ == "__main__":
    main()
