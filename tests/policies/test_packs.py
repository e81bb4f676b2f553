"""The policy packs: usable policies, enough examples of their own, and rules that find their topic."""

from __future__ import annotations

import json
import re
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from benchmarks.attacked import load_attacks
from benchmarks.measures import load_cases
from bot.domain.lint import lint
from bot.domain.policy import Rule
from bot.domain.policy_text import parse_policy
from bot.judge.library import Kind, load_library
from bot.judge.topics import topics_of
from bot.resources import resource_dir

ASKED_FOR = ("advertising", "cheating", "harassment", "scams", "selfharm")
TOPICS = {
    "adult": ["adult"],
    "advertising": ["advertising"],
    "cheating": ["cheating"],
    "flirting": ["flirting"],
    "flooding": ["flooding"],
    "generated": ["generated"],
    "harassment": ["harassment", "hate"],
    "homework": ["homework"],
    "language": ["languages"],
    "medical": ["medical"],
    "pestering": ["pestering"],
    "piracy": ["piracy"],
    "politics": ["politics"],
    "privacy": ["privacy"],
    "scams": ["scams"],
    "selfharm": ["selfharm"],
    "spoilers": ["spoilers"],
    "trading": ["trading"],
}
PACKS = sorted(TOPICS)
LABELS = sorted(chain.from_iterable(TOPICS.values()))
EARLY = 10  # examples of each kind from which those that the model is shown are taken
EXAMPLE_CHARACTERS = 240
CHARACTERS = 400
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
# Five words that packs and measured messages, written apart, have in common by chance: no others may be.
COMMONPLACE = {
    "women shouldn t be allowed",
    "shouldn t be allowed to",
    "told me to go back",
    "me to go back to",
    "and i cried at the",
    "or does that count as",
    "just log in with your",
    "i ve written the letters",
    "just texted me goodbye and",
    "i m such an idiot",
    "is it ok to ask",
    "is it ok to use",
    "it ok to use a",
}


def rows(pack: str) -> list[dict[str, Any]]:
    lines = (resource_dir("policies") / pack / "examples.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def texts(pack: str, kind: str, topic: str | None = None) -> list[str]:
    return [row["text"] for row in rows(pack) if row["kind"] == kind and row["topic"] == topic]


def policy_text(pack: str) -> str:
    return (resource_dir("policies") / pack / "policy.md").read_text(encoding="utf-8")


def in_a_row(text: str, count: int) -> set[tuple[str, ...]]:
    words = re.findall(r"[^\W_]+", text.casefold())
    return {tuple(words[i : i + count]) for i in range(len(words) - count + 1)}


def fives(text: str) -> set[tuple[str, ...]]:
    return in_a_row(text, 5)


def test_the_packs_are_where_the_installation_keeps_its_resources() -> None:
    assert set(ASKED_FOR) < set(PACKS)
    assert sorted(path.name for path in resource_dir("policies").iterdir() if path.is_dir()) == PACKS


def test_the_library_holds_every_pack_with_its_topics() -> None:
    library = load_library()
    assert {pack: [t.label for t in library.topics if t.pack == pack] for pack in PACKS} == TOPICS
    assert all(topic.meaning and topic.keywords for topic in library.topics)


@pytest.mark.parametrize("pack", PACKS)
def test_a_packs_policy_is_one_that_the_linter_has_nothing_to_say_about(pack: str) -> None:
    policy = parse_policy(policy_text(pack))
    assert lint(policy) == ()
    assert policy.title
    assert policy.fine


@pytest.mark.parametrize("pack", PACKS)
def test_each_rule_of_a_packs_policy_finds_a_topic_of_that_pack(pack: str) -> None:
    found = [topics_of(rule, load_library().topics) for rule in parse_policy(policy_text(pack)).rules]
    assert all(topics and topics[0].label in TOPICS[pack] for topics in found)
    assert {topic.label for topics in found for topic in topics} >= set(TOPICS[pack])


@pytest.mark.parametrize("pack", PACKS)
def test_a_packs_policy_shows_what_breaks_each_rule_and_what_is_fine(pack: str) -> None:
    policy = parse_policy(policy_text(pack))
    assert {example.rule for example in policy.examples} == {rule.key for rule in policy.rules} | {None}


def test_self_harm_escalates_and_no_other_pack_does() -> None:
    escalating = {pack for pack in PACKS if any(rule.escalates for rule in parse_policy(policy_text(pack)).rules)}
    assert escalating == {"selfharm"}
    assert all(rule.escalates for rule in parse_policy(policy_text("selfharm")).rules)


@pytest.mark.parametrize("pack", PACKS)
def test_a_pack_has_enough_labelled_examples_of_each_kind(pack: str) -> None:
    assert len(rows(pack)) >= 40 * len(TOPICS[pack])
    assert len(texts(pack, "ordinary")) >= 4
    for label in TOPICS[pack]:
        assert len(texts(pack, "breaking", label)) >= 18
        assert len(texts(pack, "near_miss", label)) + len(texts(pack, "report", label)) >= 15
        assert len(texts(pack, "report", label)) >= 3


@pytest.mark.parametrize("pack", PACKS)
def test_every_row_is_a_text_a_known_kind_and_the_topic_that_it_breaks_or_is_near(pack: str) -> None:
    for row in rows(pack):
        assert set(row) == {"text", "kind", "topic"}
        assert row["kind"] in {"breaking", "near_miss", "report", "ordinary"}
        assert row["topic"] in ([None] if row["kind"] == "ordinary" else TOPICS[pack])


@pytest.mark.parametrize("pack", PACKS)
def test_examples_are_neither_empty_nor_too_long_to_be_shown(pack: str) -> None:
    assert all(0 < len(row["text"].strip()) <= CHARACTERS for row in rows(pack))
    for kind in ("breaking", "near_miss", "report"):
        for label in TOPICS[pack]:
            assert all(len(text) <= EXAMPLE_CHARACTERS for text in texts(pack, kind, label)[:EARLY])


def test_no_two_examples_share_five_words_in_a_row() -> None:
    examples = [row["text"] for pack in PACKS for row in rows(pack)]
    examples += [e.text for pack in PACKS for e in parse_policy(policy_text(pack)).examples]
    seen: dict[tuple[str, ...], str] = {}
    for text in examples:
        for five in fives(text):
            assert five not in seen, f"{text!r} and {seen[five]!r}"
        seen |= dict.fromkeys(fives(text), text)
    assert len({" ".join(text.casefold().split()) for text in examples}) == len(examples)


def measured_texts() -> list[str]:
    paths = [path for folder in ("cases", "unseen", "hard") for path in (BENCHMARKS / folder).glob("*.jsonl")]
    said = [json.loads(line)["text"] for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    attacks = load_attacks()
    return said + [attack.text for attack in attacks] + [attack.plain for attack in attacks if attack.plain]


def test_no_example_shares_five_words_in_a_row_with_a_message_that_the_judge_is_measured_on() -> None:
    measured = set().union(*(fives(text) for text in measured_texts()))
    assert measured
    for text in (row["text"] for pack in PACKS for row in rows(pack)):
        assert not {" ".join(five) for five in fives(text) & measured} - COMMONPLACE, text


def test_no_message_that_the_judge_is_trained_on_is_one_that_it_is_measured_on_or_nearly() -> None:
    # People who never met write "I just don't want to be here": a copy is told by nine words in a row.
    texts_measured = set(measured_texts())
    measured = set().union(*(in_a_row(text, 9) for text in texts_measured))
    learnt = [message.text for case in load_cases(BENCHMARKS / "training") for message in case.messages]
    lines = (BENCHMARKS / "training" / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    learnt += [json.loads(line)["text"] for line in lines]
    lines = (BENCHMARKS / "training" / "pairs.jsonl").read_text(encoding="utf-8").splitlines()
    learnt += [text for row in map(json.loads, lines) for text in (*row["breaking"], *row["fine"])]
    learnt += [row["text"] for pack in PACKS for row in rows(pack)]
    assert len(learnt) > 6_000
    for text in learnt:
        assert not in_a_row(text, 9) & measured, text
        assert text not in texts_measured


@pytest.mark.parametrize("pack", PACKS)
def test_every_address_in_a_pack_is_one_that_can_never_be_real(pack: str) -> None:
    said = " ".join(row["text"] for row in rows(pack)) + policy_text(pack)
    hosts = re.findall(r"\b(?:[a-z0-9-]+\.)+(?:com|net|org|gg|io|me|ly|co|app|dev|xyz|ru|tv)\b", said.casefold())
    assert hosts == []
    assert all(host.endswith(".example") for host in re.findall(r"https?://([^/\s]+)", said))


WORDINGS = [
    ("No harassment.", "harassment"),
    ("Be kind: no insults.", "harassment"),
    ("No bullying, mocking or name-calling.", "harassment"),
    ("Do not threaten other members, even as a joke", "harassment"),
    ("Treat everyone with respect.", "harassment"),
    ("Personal attacks are not tolerated", "harassment"),
    ("Criticise ideas; never insult the person.", "harassment"),
    ("Don't tell people to kill themselves.", "harassment"),
    ("no toxic behaviour towards teammates", "harassment"),
    ("Stay civil, disagree without being rude.", "harassment"),
    ("No attacks on people for who they are.", "hate"),
    ("No hate speech or slurs.", "hate"),
    ("No racism, sexism, homophobia or other harassment", "hate"),
    ("Discrimination of any kind gets you banned", "hate"),
    ("Don't insult anyone because of their religion or skin colour", "hate"),
    ("We do not accept bigotry here.", "hate"),
    ("No promotion of hate or violence.", "hate"),
    ("Never attack people based on their gender", "hate"),
    ("No scams.", "scams"),
    ("No scamming", "scams"),
    ("No phishing links or fake giveaways.", "scams"),
    ("No scams, phishing links or fake giveaways.", "scams"),
    ("Do not try to cheat people out of their money.", "scams"),
    ("No malware and no suspicious links", "scams"),
    ("Never ask others for passwords or login codes.", "scams"),
    ("no get-rich-quick offers or crypto schemes", "scams"),
    ("Do not advertise scams.", "scams"),
    ("No advertising outside #promo.", "advertising"),
    ("no self-promotion", "advertising"),
    ("No ads", "advertising"),
    ("Don't spam.", "advertising"),
    ("No spamming, flooding or chain messages", "advertising"),
    ("Do not post server invites in public channels.", "advertising"),
    ("Referral and affiliate links get removed.", "advertising"),
    ("Ask a moderator before promoting your channel", "advertising"),
    ("Someone may hurt themselves: bring a human.", "selfharm"),
    ("Self-harm or suicide: call a moderator.", "selfharm"),
    ("When a member sounds suicidal, escalate", "selfharm"),
    ("A member says they want to die or is in a crisis.", "selfharm"),
    ("Anyone who talks about ending their life needs a moderator at once", "selfharm"),
    ("No cheats or account selling.", "cheating"),
    ("No cheating, hacks or exploits", "cheating"),
    ("Don't talk about aimbots and wallhacks.", "cheating"),
    ("Do not sell or trade accounts.", "trading"),
    ("No boosting or win trading", "cheating"),
    ("Abuse of glitches in ranked play is forbidden.", "cheating"),
    ("No spoilers for films younger than a month.", "spoilers"),
    ("Spoilers only behind a spoiler tag", "spoilers"),
    ("Don't spoil the ending of books.", "spoilers"),
    ("Do not give away the plot.", "spoilers"),
    ("Mark plot twists and other spoilers", "spoilers"),
    ("No NSFW pictures", "adult"),
    ("Nothing sexual or erotic, this is a server for all ages.", "adult"),
    ("No porn.", "adult"),
    ("Keep nudity out of the art channels", "adult"),
    ("Do not post explicit images or other adult content", "adult"),
    ("No doxxing: don't share private information about others.", "privacy"),
    ("Never post anyone's phone number or home address.", "privacy"),
    ("Respect the privacy of members.", "privacy"),
    ("Don't leak private messages", "privacy"),
    ("No real names or personal data of others", "privacy"),
    ("No piracy.", "piracy"),
    ("Do not ask for cracked software or illegal downloads.", "piracy"),
    ("No torrents, no roms", "piracy"),
    ("Links to pirated films get you kicked", "piracy"),
    ("Respect copyright.", "piracy"),
    ("No politics or religion.", "politics"),
    ("Leave elections and governments out of this.", "politics"),
    ("No political discussion", "politics"),
    ("Keep propaganda off this server", "politics"),
    ("No campaigning for parties or politicians.", "politics"),
    ("No selling of items.", "trading"),
    ("No buying or swapping between members.", "trading"),
    ("Do not trade tickets here", "trading"),
    ("No wanted posts, nothing for sale.", "trading"),
    ("English only in #general", "languages"),
    ("Please write in English.", "languages"),
    ("Only English here, thanks", "languages"),
    ("No other languages than German", "languages"),
    ("Speak English.", "languages"),
    ("Do not post AI-generated art.", "generated"),
    ("No AI art", "generated"),
    ("No tracing, and do not pass off others' work as yours.", "generated"),
    ("No machine-made pictures", "generated"),
    ("No plagiarism.", "generated"),
    ("No medical or investment advice.", "medical"),
    ("No medical advice", "medical"),
    ("Do not diagnose each other.", "medical"),
    ("Never recommend doses or medication", "medical"),
    ("No diagnoses, see a doctor", "medical"),
    ("Do not ping the moderators without need.", "pestering"),
    ("Don't ping staff", "pestering"),
    ("No pestering.", "pestering"),
    ("Do not DM maintainers for help", "pestering"),
    ("Don't ask for an ETA.", "pestering"),
    ("No flirting.", "flirting"),
    ("This is not a dating server", "flirting"),
    ("No unwanted advances", "flirting"),
    ("No hitting on members", "flirting"),
    ("Don't ask for selfies.", "flirting"),
    ("No copypasta", "flooding"),
    ("No walls of emoji or caps.", "flooding"),
    ("No chain letters.", "flooding"),
    ("No flooding the chat", "flooding"),
    ("No follow-for-follow", "flooding"),
    ("Do not ask for finished homework.", "homework"),
    ("No academic dishonesty", "homework"),
    ("Don't post exam answers.", "homework"),
    ("No essays for money", "homework"),
    ("Do your own homework.", "homework"),
    ("Stay on topic.", None),
    ("Keep talk in threads.", None),
    ("No swearing.", None),
    ("No comments about other servers' drama", None),
    ("Use the right channel and read the pinned messages first.", None),
    ("Tag photos of food, spiders and macro shots.", None),
    ("Don't evade a ban with a second account.", None),
]


@pytest.mark.parametrize(("wording", "label"), WORDINGS)
def test_a_rule_in_everyday_words_finds_its_topic(wording: str, label: str | None) -> None:
    found = topics_of(Rule("1", wording), load_library().topics)
    assert (found[0].label if found else None) == label


@pytest.mark.parametrize(
    ("wording", "labels"),
    [
        ("No harassment, hate speech or doxxing.", {"harassment", "hate", "privacy"}),
        ("Do not advertise scams.", {"scams"}),
        ("No promotion of hate.", {"hate"}),
        ("No spoilers. Politics in films is fine.", {"spoilers"}),
    ],
)
def test_a_rule_finds_each_topic_that_it_lists_and_none_that_it_exempts(wording: str, labels: set[str]) -> None:
    assert {topic.label for topic in topics_of(Rule("1", wording), load_library().topics)} == labels


@pytest.mark.parametrize("label", LABELS)
def test_every_topic_is_reached_by_several_wordings(label: str) -> None:
    assert sum(1 for _, found in WORDINGS if found == label) >= 5


def test_a_topics_first_examples_are_not_all_of_one_length() -> None:
    for topic in load_library().topics:
        lengths = [len(text) for text in topic.texts(Kind.BREAKING)[:EARLY]]
        assert max(lengths) >= 2 * min(lengths)


def test_the_wheel_carries_the_packs_inside_the_package() -> None:
    project = Path(__file__).parents[2] / "pyproject.toml"
    assert '"policies" = "bot/policies"' in project.read_text(encoding="utf-8")
