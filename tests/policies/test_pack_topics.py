"""The packs with a topic: what the library makes of them, and rules in everyday words that find their topic."""

from __future__ import annotations

from itertools import chain

import pytest

from bot.domain.policy import Rule
from bot.judge.library import Kind, load_library
from bot.judge.topics import topics_of
from tests.policies.packs import TOPICS, policy_of, rows, texts

LABELS = sorted(chain.from_iterable(TOPICS.values()))
EARLY = 10  # examples of each kind from which those that the model is shown are taken
EXAMPLE_CHARACTERS = 240


def texts_on(label: str, kind: Kind) -> tuple[str, ...]:
    return load_library().topic(label).texts(kind)


def test_the_library_holds_every_pack_with_its_topics_and_no_other_pack() -> None:
    library = load_library()
    assert {topic.pack: [t.label for t in library.topics if t.pack == topic.pack] for topic in library.topics} == TOPICS
    assert all(topic.meaning and topic.keywords for topic in library.topics)
    assert list(library.ordinary) == [text for pack in TOPICS for text in texts(pack, "ordinary")]


@pytest.mark.parametrize("pack", TOPICS)
def test_each_rule_of_a_packs_policy_finds_a_topic_of_that_pack(pack: str) -> None:
    found = [topics_of(rule, load_library().topics) for rule in policy_of(pack).rules]
    assert all(topics and topics[0].label in TOPICS[pack] for topics in found)
    assert {topic.label for topics in found for topic in topics} >= set(TOPICS[pack])


@pytest.mark.parametrize("pack", TOPICS)
def test_every_row_names_the_topic_that_it_breaks_or_is_near(pack: str) -> None:
    for row in rows(pack):
        assert set(row) == {"text", "kind", "topic"}
        assert row["topic"] in ([None] if row["kind"] == "ordinary" else TOPICS[pack])


@pytest.mark.parametrize("pack", TOPICS)
def test_a_pack_has_forty_labelled_messages_for_each_of_its_topics(pack: str) -> None:
    assert len(rows(pack)) >= 40 * len(TOPICS[pack])


@pytest.mark.parametrize("label", LABELS)
def test_a_topic_has_enough_labelled_examples_of_each_kind(label: str) -> None:
    assert len(texts_on(label, Kind.BREAKING)) >= 18
    assert len(texts_on(label, Kind.NEAR_MISS)) + len(texts_on(label, Kind.REPORT)) >= 15
    assert len(texts_on(label, Kind.REPORT)) >= 3


@pytest.mark.parametrize("label", LABELS)
def test_a_topics_first_examples_are_short_enough_to_be_shown(label: str) -> None:
    for kind in Kind:
        assert all(len(text) <= EXAMPLE_CHARACTERS for text in texts_on(label, kind)[:EARLY])


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
