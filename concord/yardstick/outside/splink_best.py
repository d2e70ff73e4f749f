"""Links a labelled file with Splink and takes the threshold that is best on the truth.

Splink's documented configuration for such files: u from random pairs, EM over two blocking rules,
term frequencies, and the comparison that Splink's library makes for each kind of column. What is
hidden from the hub, the truth, is used here to choose the threshold: the yardstick is at its best.

Question: `records` (a path), `columns` (our field names -> lists of columns),
`pairs_per_record` (what one blocking rule may give). Answer: see concord/yardstick/splink.py.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pandas as pd
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

TEXT = ("street", "street_2", "locality", "occupation", "place_of_birth")
RULES = (
    *(("given_names",), ("family_name",), ("date_of_birth",), ("postcode",), ("email",)),
    *(("phone",), ("given_names", "family_name"), ("family_name", "given_names", "birth_year")),
    *(("family_name", "locality"), ("given_names", "locality"), ("given_names", "postcode")),
    *(("family_name", "postcode"), ("family_name", "birth_year"), ("given_names", "birth_year")),
    *(("street", "house_number"), ("street", "given_names"), ("family_name", "age")),
)
TRAINING = (("date_of_birth",), ("family_name", "given_names"), ("postcode",), ("family_name",))
CERTAIN = (
    ("given_names", "family_name", "date_of_birth"),
    ("given_names", "family_name", "postcode"),
    ("email",),
    ("family_name", "phone"),
)


def table(question: dict[str, Any]) -> pd.DataFrame:
    """The file under our field names; empty values are null, a second street line is its own."""
    raw = pd.read_csv(question["records"], dtype=str, keep_default_na=False)
    made = pd.DataFrame(index=raw.index)
    for field, columns in question["columns"].items():
        parts = [raw[column].str.strip().str.lower() for column in columns]
        if field == "street" and len(parts) == 2:
            made["street"], made["street_2"] = parts
        else:
            made[field] = parts[0].str.cat(parts[1:], sep=" ").str.strip()
    made["unique_id"] = range(len(made))
    if "full_name" in made and "family_name" not in made:
        words = made["full_name"].str.replace(",", " ").str.split()
        made["given_names"] = words.str[0].fillna("")
        made["family_name"] = words.str[-1].fillna("")
    if "date_of_birth" in made:
        made["date_of_birth"] = [iso(text) for text in made["date_of_birth"]]
        made["birth_year"] = made["date_of_birth"].str[:4]
    return made.mask(made == "")


def iso(text: str) -> str:
    """A date as YYYY-MM-DD where it is written as eight digits or day first; else as it is."""
    digits = "".join(filter(str.isdigit, text))
    if len(text) == len(digits) == 8:
        return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
    parts = text.replace(".", "/").split("/")
    if len(parts) == 3 and len(parts[2]) == 4:
        return f"{parts[2]}-{parts[1]:0>2}-{parts[0]:0>2}"
    return text


def comparisons(records: pd.DataFrame) -> Iterator[Any]:
    """What Splink's library makes for the columns that are there."""
    has = set(records.columns[records.notna().any()])
    for name in sorted({"given_names", "family_name"} & has):
        yield cl.NameComparison(name).configure(term_frequency_adjustments=True)
    if "date_of_birth" in has:
        yield cl.DateOfBirthComparison("date_of_birth", input_is_string=True)
    elif "age" in has:
        yield cl.ExactMatch("age")
    for name in sorted({"house_number", "sex", "region"} & has):
        yield cl.ExactMatch(name).configure(term_frequency_adjustments=name != "sex")
    for name in (name for name in TEXT if name in has):
        likeness = cl.JaroWinklerAtThresholds(name, [0.9, 0.7])
        yield likeness.configure(term_frequency_adjustments=True)
    yield from numbers(records, has)


def numbers(records: pd.DataFrame, has: set[str]) -> Iterator[Any]:
    """Comparisons of postcode, e-mail address and telephone number."""
    if "postcode" in has:
        british = records["postcode"].str.contains("[a-z]").mean() > 0.5
        likeness = cl.LevenshteinAtThresholds("postcode", [1, 2])
        made = cl.PostcodeComparison("postcode") if british else likeness
        yield made.configure(term_frequency_adjustments=True)
    if "email" in has:
        yield cl.EmailComparison("email")
    if "phone" in has:
        yield cl.LevenshteinAtThresholds("phone", [1, 2])


def affordable(records: pd.DataFrame, budget: float) -> list[tuple[str, ...]]:
    """The blocking rules whose pairs stay within the budget; a huge block would never end."""
    kept: list[tuple[str, ...]] = []
    for rule in RULES:
        if set(rule) <= set(records.columns):
            held = records.dropna(subset=list(rule)).groupby(list(rule)).size()
            if (held * (held - 1) / 2).sum() <= budget:
                kept.append(rule)
    return kept


def trained(records: pd.DataFrame, rules: list[tuple[str, ...]]) -> Linker:
    """A linker after EM over the first two training rules that the file allows."""
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=list(comparisons(records)),
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in rules],
        retain_matching_columns=False,
    )
    linker = Linker(DuckDBAPI().register(records), settings, log_level=50)
    have = set(records.columns)
    certain = [block_on(*rule) for rule in CERTAIN if set(rule) <= have]
    if certain:
        linker.training.estimate_probability_two_random_records_match(certain, recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    learnt = 0
    for rule in (rule for rule in TRAINING if rule in rules):
        if learnt < 2:
            learnt += taught(linker, rule)
    return linker


def taught(linker: Linker, rule: tuple[str, ...]) -> bool:
    """Run EM over one blocking rule; False if a level never occurs there, which Splink refuses."""
    try:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule))
    except ValueError:
        return False
    return True


def best(pairs: pd.DataFrame, truth: list[str]) -> dict[str, float]:
    """The threshold of greatest F1 over pairs of records, and what it gives."""
    same = sum(count * (count - 1) // 2 for count in Counter(truth).values())
    labels = pd.Series(truth)
    right = labels[pairs["unique_id_l"]].to_numpy() == labels[pairs["unique_id_r"]].to_numpy()
    sums = (
        pd.DataFrame({"weight": pairs["match_weight"].round(6), "right": right})
        .groupby("weight")["right"]
        .agg(["sum", "size"])
        .sort_index(ascending=False)
        .cumsum()
    )
    sums["f1"] = 2 * sums["sum"] / (sums["size"] + same)
    weight = float(sums["f1"].idxmax())
    row = sums.loc[weight]
    return {
        "precision": float(row["sum"] / row["size"]),
        "recall": float(row["sum"] / max(same, 1)),
        "f1": float(row["f1"]),
        "threshold": 1.0 / (1.0 + 2.0**-weight),
    }


def main() -> None:
    """Read the question from standard input, write the answer to standard output."""
    question = json.load(sys.stdin)
    records = table(question)
    hidden = records.pop("truth").tolist() if "truth" in records else None
    begun = time.perf_counter()
    linker = trained(records, affordable(records, question["pairs_per_record"] * len(records)))
    ready = time.perf_counter()
    pairs = linker.inference.predict(threshold_match_probability=0.001).as_pandas_dataframe()
    done = time.perf_counter()
    blocked = linker.inference.compute_blocked_pairs_for_predict().as_pandas_dataframe()
    answer: dict[str, Any] = best(pairs, hidden) if hidden is not None else {}
    answer |= {
        "seconds": done - begun,
        "predict_seconds": done - ready,
        "records_per_second": len(records) / (done - ready),
        "pairs_per_second": len(blocked) / (done - ready),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
