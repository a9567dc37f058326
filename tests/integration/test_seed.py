#!/usr/bin/env python3
"""docs/SEED.md holds what real servers say today, byte for byte, and everything it claims is done here.

Usage: test_seed.py HEADGATE SOURCE [--update] [PROOF…]; with names, only these proofs are made.
"""
import pathlib
import sys
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from common import HEADGATE, Fleet, main   # noqa: E402  pylint: disable=wrong-import-position
import seed_mongodb                        # noqa: E402  pylint: disable=wrong-import-position
import seed_mysql                          # noqa: E402  pylint: disable=wrong-import-position
import seed_postgres                       # noqa: E402  pylint: disable=wrong-import-position
import seed_text                           # noqa: E402  pylint: disable=wrong-import-position
from seed_proof import PROOFS              # noqa: E402  pylint: disable=wrong-import-position
from hgfix import seeddoc                  # noqa: E402  pylint: disable=wrong-import-position

MODULES = (seed_mysql, seed_postgres, seed_mongodb, seed_text)     # imported for the proofs that they hold
UPDATE = "--update" in sys.argv[3:]
ONLY = [word for word in sys.argv[3:] if not word.startswith("--")]


def prove(test, proof, fleet):
    """One proof; an exception is a wrong answer too, and the others are still made."""
    if ONLY and proof.name not in ONLY:
        return
    before = test.wrong
    try:
        proof.body(lambda what, good, said="": test.check(f"{proof.name}: {what}", good, str(said)), fleet)
    except Exception:       # pylint: disable=broad-exception-caught
        test.check(f"{proof.name} could be made", False, traceback.format_exc())
    print(f"{'proved' if test.wrong == before else 'NOT PROVED'} {proof.name}", flush=True)


def compare(test, text):
    if UPDATE:
        seeddoc.DOCUMENT.write_text(text, "utf-8")
    old = seeddoc.DOCUMENT.read_text("utf-8").splitlines()
    new = text.splitlines()
    for line in sorted(set(new) - set(old)):
        print(f"today: {line}")
    test.check("docs/SEED.md is what scripts/seed-doc writes today (scripts/seed-doc; git diff docs/SEED.md)",
               seeddoc.DOCUMENT.read_text("utf-8") == text)


def body(test):
    doc, statuses = seeddoc.load(), {}
    if not ONLY:
        test.equal("what is wrong with docs/seed.yaml", seeddoc.problems(doc), [])
    for proof in PROOFS.values():
        if proof.kind == "text":
            prove(test, proof, None)
    for kind in dict.fromkeys(kind for kind, _ in seeddoc.COLUMNS):
        with Fleet(kind) as fleet:
            if not ONLY:
                statuses.update({plan: seeddoc.judge(HEADGATE, fleet, plan)
                                 for k, plan in seeddoc.COLUMNS if k == kind})
            for proof in PROOFS.values():
                if proof.kind == kind:
                    prove(test, proof, fleet)
    if not ONLY:
        compare(test, seeddoc.render(doc, statuses))


if __name__ == "__main__":
    main(body)
