#!/usr/bin/env python3
"""sound_files.py PROGRAM: acoustics plays a WAV file into another one, with the
right delay, and says what is wrong with files that it cannot use."""

import math
import pathlib
import struct
import subprocess
import sys
import tempfile
import wave

PROGRAM = sys.argv[1]
RATE = 16000
SPEED = 343.2


def run(*arguments):
    return subprocess.run([PROGRAM, "--backend=cpu", *arguments],
                          capture_output=True, text=True, timeout=60)


def write(path, samples, channels=1):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))


def read(path):
    with wave.open(str(path), "rb") as file:
        channels, count = file.getnchannels(), file.getnframes()
        samples = struct.unpack(f"<{channels * count}h", file.readframes(count))
        return file.getframerate(), [samples[i::channels]
                                     for i in range(channels)]


def strongest(samples):
    return max(range(len(samples)), key=lambda i: abs(samples[i]))


def check_delay(folder):
    """A soft hill of 2 ms; one microphone 1 m away, the other 2 m."""
    hill = [int(20000 * math.exp(-((i - 100) / 16) ** 2 / 2))
            for i in range(200)]
    write(folder / "in.wav", [value for one in hill for value in (one, one)], 2)
    ran = run(f"--in={folder}/in.wav", f"--out={folder}/out.wav",
              "--size=5,4,4", "--source=1,2,2", "--microphones=2,2,2:3,2,2",
              "--reflection=0", "--floor=0", "--tail=0.05")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "times real time" in ran.stdout, ran.stdout
    rate, (near, far) = read(folder / "out.wav")
    assert rate == RATE, rate
    for samples, metres in ((near, 1), (far, 2)):
        expected = 100 + metres / SPEED * RATE
        found = strongest(samples)
        # Cells are 75 mm, so a place is up to 37 mm beside its own twice.
        assert abs(found - expected) < 5, (found, expected)
    ratio = near[strongest(near)] / far[strongest(far)]
    assert 1.8 < ratio < 2.2, ratio
    assert near[strongest(near)] > 0, "the click came upside down"


def check_refusals(folder):
    text = folder / "text.wav"
    text.write_text("this is no sound, though its name says so")
    empty = folder / "empty.wav"
    write(empty, [])
    nowhere = folder / "no-such-folder" / "out.wav"
    for arguments, message in [
            ([f"--in={folder}/missing.wav"],
             f"cannot read '{folder}/missing.wav': No such file or directory"),
            ([f"--in={text}"], f"'{text}' is no WAV file"),
            ([f"--in={empty}"], f"'{empty}' holds no samples"),
            ([f"--out={nowhere}"],
             f"cannot write '{nowhere}': No such file or directory"),
            ([f"--png={nowhere}"],
             f"cannot write '{nowhere}-000.png': No such file or directory"),
            ([f"--html={nowhere}"],
             f"cannot write '{nowhere}': No such file or directory"),
            (["--source=1,2"], "--source is three numbers of metres, as in "
                               "1,2,1.5, not '1,2'"),
            (["--microphones=1,2,1:"], "--microphones is three numbers of metres, "
                                       "as in 1,2,1.5, not ''"),
            (["--size=4,0,3"], "the room has a side of 0 m"),
            (["--source=9,1,1"], "the source (9,1,1) is outside of the room of "
                                 "4.03"),
            (["--size=900,900,900"], "the room has more than a thousand million "
                                     "cells")]:
        ran = run("--tail=0.01", *arguments)
        assert ran.returncode == 1, (arguments, ran.returncode)
        assert f"acoustics: {message}" in ran.stderr, (message, ran.stderr)
    for arguments, message in [
            (["--bogus"], "--bogus"), (["--rate=fast"], "--rate"),
            (["--rate=1"], "--rate"), (["--backend=tpu"], "--backend")]:
        ran = run(*arguments)
        assert ran.returncode == 2, (arguments, ran.returncode)
        assert message in ran.stderr and "see --help" in ran.stderr, ran.stderr
    ran = run("--help")
    assert ran.returncode == 0 and "--microphones" in ran.stdout, ran


def main():
    with tempfile.TemporaryDirectory() as name:
        check_delay(pathlib.Path(name))
        check_refusals(pathlib.Path(name))


if __name__ == "__main__":
    main()
