"""`python -m tests.fuzz.target FOLDER SECONDS`: the fuzzer itself, which ends its process as it likes."""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["kcb", "services.records.model"]):
    from tests.fuzz.inputs import seeds, words
    from tests.fuzz.judging import judge

# Seconds for one input, bytes of the longest, and MB of memory.
TIMEOUT_S, MAX_BYTES, MAX_MB = 20, 65_536, 2_048


def prepare(folder: Path) -> list[str]:
    """Write what the fuzzer begins with into *folder*; return its arguments."""
    corpus, found, dictionary = folder / "corpus", folder / "found", folder / "words.dict"
    for each in (corpus, found):
        each.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds()):
        (corpus / f"seed-{number:03}").write_bytes(seed)
    escaped = (word.replace("\\", "\\\\").replace('"', '\\"') for word in words())
    dictionary.write_text("".join(f'"{word}"\n' for word in escaped), encoding="ascii")
    return [f"-dict={dictionary}", f"-artifact_prefix={found}/", str(corpus)]


def main() -> None:
    folder, seconds = Path(sys.argv[1]), int(sys.argv[2])
    limits = [
        f"-max_total_time={seconds}",
        f"-timeout={TIMEOUT_S}",
        f"-max_len={MAX_BYTES}",
        f"-rss_limit_mb={MAX_MB}",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *limits, *prepare(folder)], judge)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
