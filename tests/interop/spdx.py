# SPDX-License-Identifier: Apache-2.0
"""What the JSON schema of SPDX 3.0.1 and its model say of the classes that
picket writes: which members they have, of what kind, and how many.

check(document) raises AssertionError with what is wrong."""
import re

IRI = re.compile(r"(?!_:).+:.+")
TIME = re.compile(r"\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-6]\d:[0-6]\dZ")
VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
EXPRESSION = re.compile(r"[A-Za-z0-9.+-]+")
PROFILES = {"ai", "build", "core", "dataset", "expandedLicensing", "extension",
            "lite", "security", "simpleLicensing", "software"}
RELATIONS = {"contains", "dependsOn", "hasDeclaredLicense"}
AGENTS = {"Agent", "Organization", "Person", "SoftwareAgent"}


def text(v):
    return isinstance(v, str)


def like(pattern):
    return lambda v: isinstance(v, str) and bool(pattern.fullmatch(v))


def one_of(*words):
    return lambda v: v in words


def many(of, least=0):
    return lambda v: isinstance(v, list) and len(v) >= least and \
        all(of(x) for x in v)


def inner(*kinds):
    return lambda v: isinstance(v, dict) and v.get("type") in kinds and \
        members_hold(v) is None


# member: (what it must be, whether it must be there)
ELEMENT = {
    "type": (text, True), "spdxId": (like(IRI), True),
    "creationInfo": (text, True), "name": (text, False),
    "description": (text, False), "comment": (text, False),
    "verifiedUsing": (many(inner("Hash")), False),
    "extension": (many(inner("extension_CdxPropertiesExtension")), False),
}
ARTIFACT = dict(ELEMENT, software_primaryPurpose=(
    one_of("archive", "data", "file", "model", "other"), False))
PACKAGE = dict(ARTIFACT, software_packageVersion=(text, False),
               software_packageUrl=(like(IRI), False),
               software_downloadLocation=(like(IRI), False))
CLASSES = {
    "software_File": ARTIFACT,
    "ai_AIPackage": dict(PACKAGE, ai_typeOfModel=(many(text), False)),
    "SoftwareAgent": ELEMENT,
    "Relationship": dict(
        ELEMENT, relationshipType=(one_of(*RELATIONS), True),
        to=(many(like(IRI), 1), True), **{"from": (like(IRI), True)}),
    "simplelicensing_LicenseExpression": dict(
        ELEMENT, simplelicensing_licenseExpression=(like(EXPRESSION), True),
        simplelicensing_customIdToUri=(many(inner("DictionaryEntry")), False)),
    "simplelicensing_SimpleLicensingText": dict(
        ELEMENT, simplelicensing_licenseText=(text, True)),
    "SpdxDocument": dict(
        ELEMENT, profileConformance=(many(one_of(*PROFILES)), False),
        rootElement=(many(like(IRI)), False)),
    "CreationInfo": {
        "type": (text, True), "@id": (like(re.compile("_:.+")), True),
        "specVersion": (like(VERSION), True), "created": (like(TIME), True),
        "createdBy": (many(like(IRI), 1), True)},
    "Hash": {"type": (text, True), "algorithm": (one_of("sha256"), True),
             "hashValue": (like(re.compile("[0-9a-f]{64}")), True)},
    "DictionaryEntry": {"type": (text, True), "key": (text, True),
                        "value": (text, False)},
    "extension_CdxPropertiesExtension": {
        "type": (text, True), "extension_cdxProperty": (
            many(inner("extension_CdxPropertyEntry"), 1), True)},
    "extension_CdxPropertyEntry": {
        "type": (text, True), "extension_cdxPropName": (text, True),
        "extension_cdxPropValue": (text, False)},
}


def members_hold(v):
    """What is wrong with this object, or None."""
    members = CLASSES.get(v.get("type"))
    if not members:
        return "no such class"
    for key, (holds, needed) in members.items():
        if key in v and not holds(v[key]):
            return "%s is %r" % (key, v[key])
        if needed and key not in v:
            return "%s is missing" % key
    extra = set(v) - set(members)
    return "unknown %s" % extra if extra else None


def check_links(graph, by_id):
    """Every id leads to an element, of a class that fits."""
    for e in graph:
        assert e["type"] == "CreationInfo" or e["creationInfo"] in by_id, e
        for agent in e.get("createdBy", ()):
            assert by_id[agent]["type"] in AGENTS, agent
        for root in e.get("rootElement", ()):
            assert by_id[root]["type"] != "SpdxDocument", root
        for entry in e.get("simplelicensing_customIdToUri", ()):
            assert by_id[entry["value"]]["type"] == \
                "simplelicensing_SimpleLicensingText", entry
            assert entry["key"] == e["simplelicensing_licenseExpression"]
        if e["type"] == "Relationship":
            assert e["from"] in by_id and len(set(e["to"])) == len(e["to"])
            kinds = {by_id[to]["type"] for to in e["to"]}
            licences = {"simplelicensing_LicenseExpression"}
            assert (e["relationshipType"] == "hasDeclaredLicense") == \
                (kinds == licences), e


def check(document):
    assert set(document) == {"@context", "@graph"}
    assert document["@context"] == \
        "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
    graph = document["@graph"]
    ids = [e.get("spdxId", e.get("@id")) for e in graph]
    assert len(set(ids)) == len(ids), "an id is there twice"
    for e in graph:
        wrong = members_hold(e)
        assert not wrong, (wrong, e)
    by_id = dict(zip(ids, graph))
    check_links(graph, by_id)
    documents = [e for e in graph if e["type"] == "SpdxDocument"]
    assert len(documents) == 1
    assert documents[0].get("rootElement") or not any(
        e["type"] == "software_File" for e in graph)
    # The AI profile wants what no file proves; see src/report/spdx.c.
    packages = [e for e in graph if e["type"] == "ai_AIPackage"]
    if "ai" in documents[0]["profileConformance"]:
        assert all({"releaseTime", "suppliedBy", "software_downloadLocation",
                    "software_packageVersion"} <= set(p) for p in packages)
    return graph, by_id
