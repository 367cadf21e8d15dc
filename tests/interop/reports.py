#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Reports of a hostile-named tree, each form held against its own standard.

reports.py PICKET; speaks TAP.  The schemas of SARIF and CycloneDX lie in the
folder $PICKET_SCHEMAS; without them those cases are skipped."""
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
import zipfile

import spdx

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
SCHEMAS = os.environ.get("PICKET_SCHEMAS") or os.path.join(
    os.path.dirname(ROOT), "shared", "spec", "vectors", "schemas")
NAMES = [
    b"plain", b"a\nb", b"\x1b[31mred", b"a\xe2\x80\xaeb", b"\xff\xfe",
    b"<script>&amp;]]>", b"::error file=x::y", b"a%0A::notice::x",
    b"| a | `b` |", b"[x](http:evil)", b"\xef\xbf\xbe\xef\xbf\xbf", b"\x01\x0b",
    b"a?b#c d", b"\"'", b"a,b:c", b"@someone",
]
ATTACK = b"cos\nsystem\n(S'echo [x](y) <b> \\x01 | `'\ntR."


class Skip(Exception):
    pass


def pb(number, value):
    """A field of a message of Protocol Buffers, below 128 bytes."""
    if isinstance(value, int):
        return bytes((number << 3, value))
    return bytes((number << 3 | 2, len(value))) + value


def onnx_with_data_in(name):
    """A model whose one tensor of 8 bytes lies in another file."""
    where = pb(13, pb(1, b"location") + pb(2, name))
    tensor = pb(1, 2) + pb(2, 1) + pb(8, b"t") + where + pb(14, 1)
    node = pb(1, b"t") + pb(2, b"y") + pb(4, b"Identity")
    graph = pb(1, node) + pb(2, b"g") + tensor_of(tensor)
    return pb(1, 8) + pb(2, b"tests") + pb(7, graph) + pb(8, pb(2, 17))


def tensor_of(tensor):
    return bytes((5 << 3 | 2, len(tensor))) + tensor


def make_tree(root):
    for i, name in enumerate(NAMES):
        with open(os.path.join(root, b"%d" % i + name + b".pkl"), "wb") as f:
            f.write(ATTACK)
    with zipfile.ZipFile(os.path.join(os.fsdecode(root), "z.zip"), "w") as z:
        z.writestr("in | side.pkl", ATTACK)
    with open(os.path.join(root, b"cut.npy"), "wb") as f:
        f.write(b"\x93NUMPY\x01\x00\xff\x7f{")
    stated = {"license": "Apache-2.0", "modelspec.author": "A <b> | `c`",
              "modelspec.architecture": "\x1b[2J", "version": "1\n2",
              "base_model": "org/base", "modelspec.license": "of nobody's"}
    for name, data in ((b"m", stated), (b"n", {"license": "my own"}),
                       (b"n2", {"license": "APACHE-2.0"})):
        header = json.dumps({"__metadata__": data}).encode()
        with open(os.path.join(root, name + b".safetensors"), "wb") as f:
            f.write(len(header).to_bytes(8, "little") + header + b"~" * 9)
    for name in (b"o", b"p"):
        with open(os.path.join(root, name + b".onnx"), "wb") as f:
            f.write(onnx_with_data_in(b"w.bin"))
    with open(os.path.join(root, b"w.bin"), "wb") as f:
        f.write(bytes(8))
    with open(os.path.join(root, b"README"), "w") as f:
        f.write("words\n")


def validate(name, document):
    try:
        import jsonschema
        with open(os.path.join(SCHEMAS, name)) as f:
            schema = json.load(f)
    except (OSError, ImportError) as e:
        raise Skip(str(e)) from e
    store = {}
    for other in os.listdir(SCHEMAS):
        with open(os.path.join(SCHEMAS, other)) as f:
            known = json.load(f)
        for key in (known.get("$id"), known.get("id"),
                    "http://cyclonedx.org/schema/" + other):
            if key:
                store[key] = known
    kind = jsonschema.validators.validator_for(schema)
    resolver = jsonschema.RefResolver.from_schema(schema, store=store)
    errors = list(kind(schema, resolver=resolver).iter_errors(document))
    assert not errors, [e.message[:200] for e in errors[:5]]


def sarif_is_what_code_scanning_takes(text):
    log = json.loads(text)
    run, = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    for rule in rules:
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"] and rule["help"]["markdown"]
        tags = rule["properties"]["tags"]
        assert "security" in tags and len(tags) <= 20
        assert len(set(tags)) == len(tags)
    order = ["error", "warning", "note"]
    levels = [order.index(r["level"]) for r in run["results"]]
    assert levels == sorted(levels) and len(levels) > len(NAMES)
    for r in run["results"]:
        assert rules[r["ruleIndex"]]["id"] == r["ruleId"]
        where = r["locations"][0]["physicalLocation"]
        assert re.fullmatch(r"(?:[\w.~/-]|%[0-9A-F]{2})+",
                            where["artifactLocation"]["uri"])
        assert where["region"]["startLine"] == 1
        assert re.fullmatch(r"[0-9a-f]{16}:\d+",
                            r["partialFingerprints"]["primaryLocationLineHash"])
    members = [r["locations"][0]["logicalLocations"][0]["fullyQualifiedName"]
               for r in run["results"]
               if "logicalLocations" in r["locations"][0]]
    assert "t/z.zip!in | side.pkl" in members, members
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert any("cut.npy" in n["locations"][0]["physicalLocation"]
               ["artifactLocation"]["uri"] for n in notes), notes


def sarif_holds_to_its_schema(text):
    validate("sarif-schema-2.1.0.json", json.loads(text))


def cyclonedx_holds_to_its_schema(text):
    validate("bom-1.6.schema.json", json.loads(text))


def cyclonedx_lists_files_with_digests(text):
    bom = json.loads(text)
    refs = [c["bom-ref"] for c in bom["components"]]
    refs += [v["bom-ref"] for v in bom["vulnerabilities"]]
    assert len(set(refs)) == len(refs)
    by_name = {c["name"]: c for c in bom["components"]}
    model = by_name["t/m.safetensors"]
    assert model["type"] == "machine-learning-model", model
    assert len(model["hashes"][0]["content"]) == 64
    assert model["licenses"] == [{"license": {
        "id": "Apache-2.0", "acknowledgement": "declared"}}], model
    assert model["version"] == "1\\n2" and "description" not in model
    assert model["authors"] == [{"name": "A <b> | `c`"}]
    assert model["pedigree"]["ancestors"][0]["name"] == "org/base"
    assert model["modelCard"]["modelParameters"] == {
        "architectureFamily": "\\x1b[2J"}
    other = by_name["t/n.safetensors"]
    assert other["licenses"][0]["license"]["name"] == "my own"
    assert other["modelCard"]["properties"] and "purl" not in other
    assert "modelCard" not in by_name["t/README"]
    assert by_name["t/README"]["type"] == "file"
    assert all(a["ref"] in refs for v in bom["vulnerabilities"]
               for a in v["affects"])
    assert bom["compositions"][0]["aggregate"] == "incomplete"


def cyclonedx_says_what_depends_on_what(text):
    needs = {d["ref"]: d["dependsOn"] for d in json.loads(text)["dependencies"]}
    assert set(needs) == {c["bom-ref"] for c in json.loads(text)["components"]}
    assert needs["picket:t/o.onnx"] == ["picket:t/w.bin"], needs
    assert needs["picket:t/w.bin"] == []


def spdx_holds_to_its_model(text):
    spdx.check(json.loads(text))


def spdx_holds_to_its_schema(text):
    validate("spdx-3.0.1.schema.json", json.loads(text))


def spdx_lists_models_with_digests_and_licences(text):
    graph, by_id = spdx.check(json.loads(text))
    models = {e["name"]: e for e in graph if e["type"] == "ai_AIPackage"}
    files = {e["name"]: e for e in graph if e["type"] == "software_File"}
    assert "t/README" in files and "t/README" not in models
    model = models["t/m.safetensors"]
    assert model["software_packageVersion"] == "1\\n2"
    assert model["ai_typeOfModel"] == ["\\x1b[2J"]
    assert model["verifiedUsing"] == \
        files["t/m.safetensors"]["verifiedUsing"]
    said = {}
    for e in graph:
        if e["type"] == "Relationship":
            said.setdefault((by_id[e["from"]]["name"],
                             e["relationshipType"]), []).extend(
                                 by_id[to] for to in e["to"])
    licence, = said["t/m.safetensors", "hasDeclaredLicense"]
    assert licence["simplelicensing_licenseExpression"] == "Apache-2.0"
    own, = said["t/n.safetensors", "hasDeclaredLicense"]
    entry, = own["simplelicensing_customIdToUri"]
    assert by_id[entry["value"]]["simplelicensing_licenseText"] == "my own"
    assert said["t/m.safetensors", "contains"] == [files["t/m.safetensors"]]
    assert said["t/o.onnx", "dependsOn"] == [files["t/w.bin"]]
    assert len([e for e in graph if e.get("simplelicensing_licenseExpression")
                == "Apache-2.0"]) == 1


def junit_is_xml_whose_counts_are_right(text):
    top = ElementTree.fromstring(text)
    suite, = top.findall("testsuite")
    cases = suite.findall("testcase")
    assert int(top.get("tests")) == len(cases) == len(NAMES) + 9
    for tag, key in (("failure", "failures"), ("error", "errors"),
                     ("skipped", "skipped")):
        assert int(suite.get(key)) == len(suite.findall("testcase/" + tag))
    assert len(suite.findall("testcase/failure")) >= len(NAMES)


def gitlab_has_what_its_schema_requires(text):
    report = json.loads(text)
    assert re.fullmatch(r"\d+\.\d+\.\d+", report["version"])
    scan = report["scan"]
    assert scan["type"] == "sast" and scan["status"] == "success"
    for key in ("start_time", "end_time"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", scan[key])
    for key in ("analyzer", "scanner"):
        assert all(scan[key][k] for k in ("id", "name", "version"))
        assert scan[key]["vendor"]["name"]
    ids = set()
    for v in report["vulnerabilities"]:
        ids.add(v["id"])
        assert v["severity"] in ("Info", "Unknown", "Low", "Medium", "High",
                                 "Critical")
        assert len(v["name"]) <= 255 and len(v["description"]) <= 1048576
        assert len(v["solution"]) <= 7000 and v["location"]["file"]
        assert 1 <= len(v["identifiers"]) <= 20
        for i in v["identifiers"]:
            assert i["type"] and i["name"] and i["value"]
            assert i.get("url", "https://").startswith("https://")
    assert len(ids) == len(report["vulnerabilities"]) > len(NAMES)


def github_lines_are_annotations(text):
    lines = text.decode().rstrip("\n").split("\n")
    errors = 0
    for line in lines:
        m = re.fullmatch(r"::(error|warning|notice) ((?:[a-z]+=[^,:]*,?)+)"
                         r"::([^\r\n]*)", line)
        assert m, line
        errors += m.group(1) == "error"
    assert errors == 10 and lines[-1].startswith("::notice title=picket::")


def markdown_tables_hold(text):
    rows = [l for l in text.decode().split("\n") if l.startswith("| critical")]
    assert len(rows) >= len(NAMES)
    for row in rows:
        bare = re.sub(r"`[^`]*`", "", row)
        assert row.count("|") == 5, row
        assert not re.search(r"[\[\]@!*~$]", bare), row
        assert not re.search(r"<(?!/?code>)", bare), row


CASES = {
    "sarif": (sarif_is_what_code_scanning_takes, sarif_holds_to_its_schema),
    "cyclonedx": (cyclonedx_lists_files_with_digests,
                  cyclonedx_says_what_depends_on_what,
                  cyclonedx_holds_to_its_schema),
    "spdx": (spdx_holds_to_its_model, spdx_holds_to_its_schema,
             spdx_lists_models_with_digests_and_licences),
    "junit": (junit_is_xml_whose_counts_are_right,),
    "gitlab": (gitlab_has_what_its_schema_requires,),
    "github": (github_lines_are_annotations,),
    "markdown": (markdown_tables_hold,),
    "html": (),
}


def scan(program, cwd):
    out = {}
    command = [program, "scan", "--no-timestamps", "--no-progress", "t"]
    for form in (*CASES, "json"):
        command += ["-o", "%s=out.%s" % (form, form)]
    subprocess.run(command, cwd=cwd, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=False)
    for form in (*CASES, "json"):
        with open(os.path.join(cwd, "out." + form), "rb") as f:
            out[form] = f.read()
    return out


def stored_reports_become_the_same(program, cwd, wanted):
    for form, text in wanted.items():
        done = subprocess.run(
            [program, "report", "--no-timestamps", "-f", form, "out.json"],
            cwd=cwd, stdout=subprocess.PIPE, check=True)
        assert done.stdout == text, form


def what_is_no_report_is_refused(program, cwd, out):
    good = out["json"]
    bad = [b"", b"{", b"[]", b"{}", b"null", b"1 2", b'{"findings":[]}',
           good[:-9], good.replace(b'"severity": "critical"',
                                   b'"severity": "fatal"', 1),
           good.replace(b'"rule": "', b'"rule": "x', 1),
           good.replace(b'"size": ', b'"size": 99999999999999999999', 1),
           good.replace(b'"size": ', b'"size": -', 1),
           good.replace(b'"offset": ', b'"offset": 1e', 1),
           good.replace(b'"format": "', b'"format": "x', 1),
           good.replace(b'"fingerprint": "', b'"fingerprint": "0', 1),
           good.replace(b'"message": "', b'"message": "\\u0000', 1),
           good.replace(b'"path": "', b'"path": "\\u0000', 1),
           good.replace(b"picket.report/1", b"picket.report/2")]
    assert good not in bad
    for text in bad:
        done = subprocess.run([program, "report", "-"], input=text, cwd=cwd,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=False)
        assert done.returncode == 2 and not done.stdout, text[:80]
        assert done.stderr.count(b"\n") == 1, done.stderr


def main():
    program = os.path.abspath(sys.argv[1])
    bad = n = 0
    with tempfile.TemporaryDirectory() as cwd:
        os.mkdir(os.path.join(cwd, "t"))
        make_tree(os.path.join(cwd, "t").encode())
        out = scan(program, cwd)
        cases = [(c.__name__, c, (out[form],))
                 for form, all_of in CASES.items() for c in all_of]
        cases.append(("the same tree gives the same bytes",
                      lambda: scan(program, cwd) == out or 1 / 0, ()))
        cases.append(("stored_reports_become_the_same",
                      stored_reports_become_the_same, (program, cwd, out)))
        cases.append(("what_is_no_report_is_refused",
                      what_is_no_report_is_refused, (program, cwd, out)))
        for n, (name, case, args) in enumerate(cases, 1):
            name = name.replace("_", " ")
            try:
                case(*args)
                print("ok %d - %s" % (n, name))
            except Skip as e:
                print("ok %d - %s # SKIP %s" % (n, name, e))
            except Exception as e:  # whatever a parser throws
                bad += 1
                print("not ok %d - %s" % (n, name))
                print("# " + repr(e)[:2000].encode(
                    "ascii", "backslashreplace").decode())
    print("1..%d" % n)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
