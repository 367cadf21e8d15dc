#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A registry on loopback: the Hugging Face Hub, S3 and plain files, as far as
picket talks to them, over the folders below ROOT, and all the misbehaviour of
server.py.

registry.py [--tls CERT KEY] ROOT prints two ports, one a line: the registry's,
and that of the content network it redirects to.  It ends when its standard
input does.

  ROOT/hf/ORG/NAME/...          a repository; the files are commit 1 of main
  ROOT/hf/datasets/ORG/NAME/... (spaces, too)
  ROOT/s3/BUCKET/...            objects; HOST/s3 is the endpoint
  ROOT/web/...                  plain files, at /web/...
  ROOT/control.json             commands as below, obeyed at the start

  HF_ENDPOINT=http://127.0.0.1:PORT
  AWS_ENDPOINT_URL=http://127.0.0.1:PORT/s3   AWS_ACCESS_KEY_ID=AKIDEXAMPLE
  AWS_SECRET_ACCESS_KEY=secret/EXAMPLE+KEY    (AKIDSESSION is the same key with
                                              AWS_SESSION_TOKEN=session)
  HF_TOKEN=hf_all may read what is private and gated, hf_some is known and may
  not; any other token is refused.

Files with a suffix of weights, or with zero bytes, are LFS files: their
resolve leads to the content network, whose URLs are signed and whose ETag is
not their SHA-256.  Others are led to /api/resolve-cache, as on the Hub.

POST /_control (or GET /_control?do=JSON) takes one JSON object or a list of
them, in order, and answers with a list: for each what there is now, {"id",
"sha" (of main), "branches", "tags", "commit" (the one just made)} for a
repository.  Ids of commits are the same in each run.  From Python:
Control(port)(repo="org/name", tag={"v1": "main"}).  An object has one of

  "repo": "org/name" or "datasets/org/name" (made when it is not there), and
    "commit": {PATH: CONTENT}   a new commit on "branch" (main), on top of it;
                                CONTENT is text, null (to remove the file),
                                {"base64": ...} or {"file": PATH ON DISK}
    "branch": NAME              for "commit"; begins at main when it is new
    "point": {BRANCH: REV}      moves branches
    "tag": {TAG: REV}           sets or moves tags; null removes one
    "licence": TEXT or null     "gated": false, "auto" or "manual"
    "private": BOOL             "disabled": BOOL
    "security": {PATH: LEVEL}   what the registry's own scan says
    "renamed": "new/name"       redirects from then on to a repository that is
                                there (or takes this one's place)
    "gone": true                removes it
    "serve": {PATH: CONTENT}    these bytes are sent instead of those listed;
                                null: as listed again
    "tree": [ENTRY, ...]        this is listed, whatever it is; null: the truth
    "next": URL                 where its listing goes on, whatever it is
    "info": {MEMBER: VALUE}     over what the information says; {}: the truth
  "owner": "org"; "verified": BOOL; "user": true when it is a person
  "bucket": NAME (made when it is not there), and
    "put": {KEY: CONTENT}       null removes
    "closed": BOOL              reading takes a signature
    "xml": TEXT                 this is listed, whatever it is; null: the truth
  "page": N                     entries in a page of a listing (1000)
  "plant": {PATH: CONTENT}      a plain file at /web/PATH
  "reset": true                 everything as at the start
"""
import base64
import hashlib
import hmac
import json
import os
import sys
import time
import urllib.request
from urllib.parse import parse_qs, parse_qsl, quote, unquote, urlsplit
from xml.sax.saxutils import escape

import server
from server import Thing

WEIGHTS = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".safetensors", ".gguf",
           ".onnx", ".h5", ".keras", ".npy", ".npz", ".zip", ".msgpack",
           ".joblib", ".tflite")
TYPES = ("models", "datasets", "spaces")
TOKENS = {"hf_all": True, "hf_some": False}  # may read all
KEYS = {"AKIDEXAMPLE": ("secret/EXAMPLE+KEY", None),
        "AKIDSESSION": ("secret/EXAMPLE+KEY", "session")}
SIGNED = hashlib.sha256(os.urandom(16)).hexdigest()[:16]


def content(value):
    if isinstance(value, str):
        return value.encode()
    if "base64" in value:
        return base64.b64decode(value["base64"])
    with open(value["file"], "rb") as f:
        return f.read()


def blob_id(data):
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def pointer(data):
    return ("version https://git-lfs.github.com/spec/v1\noid sha256:%s\n"
            "size %d\n" % (hashlib.sha256(data).hexdigest(),
                           len(data))).encode()


def is_lfs(path, data):
    return path.endswith(WEIGHTS) or b"\0" in data


def is_commit(rev):
    return len(rev) == 40 and all(c in "0123456789abcdef" for c in rev)


class Repo:
    def __init__(self, name):
        self.id = name
        self.commits = {}
        self.branches = {}
        self.tags = {}
        self.licence = None
        self.gated = False
        self.private = self.disabled = False
        self.security = {}
        self.renamed = None
        self.serve = {}
        self.tree = self.next = None
        self.info = {}

    def commit(self, branch, changes):
        base = self.branches.get(branch) or self.branches.get("main")
        files = dict(self.commits.get(base, {}))
        for path, data in changes.items():
            if data is None:
                files.pop(path, None)
            else:
                files[path] = data
        text = "".join("%s %s\n" % (blob_id(d), p)
                       for p, d in sorted(files.items()))
        sha = hashlib.sha1(("%s %s %d\n" % (self.id, base, len(self.commits)) +
                            text).encode()).hexdigest()
        self.commits[sha] = files
        self.branches[branch] = sha
        return sha

    def resolve(self, rev):
        """The commit of a revision, or None."""
        if rev in self.commits:
            return rev
        return self.branches.get(rev) or self.tags.get(rev)

    def licences(self):
        return ["license:" + self.licence] if self.licence else []


class State(server.State):
    def __init__(self):
        super().__init__()
        self.root = None
        self.clear()

    def clear(self):
        self.repos = {}   # "models/org/name"
        self.owners = {}
        self.buckets = {}
        self.web = {}
        self.page = 1000

    def repo(self, name):
        if name.split("/")[0] not in TYPES:
            name = "models/" + name
        if name not in self.repos:
            self.repos[name] = Repo(name.partition("/")[2])
        return name, self.repos[name]

    def load(self, root):
        self.root = root
        self.clear()
        for kind, top in (("hf", self.load_repo), ("s3", self.load_bucket),
                          ("web", self.load_web)):
            for folder, dirs, names in os.walk(os.path.join(root, kind)):
                dirs.sort()
                for name in sorted(names):
                    path = os.path.join(folder, name)
                    with open(path, "rb") as f:
                        top(os.path.relpath(path, os.path.join(root, kind)),
                            f.read())
        for repo in self.repos.values():
            repo.commit("main", repo.new)
        control = os.path.join(root, "control.json")
        if os.path.exists(control):
            with open(control, encoding="utf-8") as f:
                for command in json.load(f):
                    self.one(command)

    def load_repo(self, path, data):
        parts = path.split("/")
        n = 3 if parts[0] in TYPES else 2
        _, repo = self.repo("/".join(parts[:n]))
        if not hasattr(repo, "new"):
            repo.new = {}
        repo.new["/".join(parts[n:])] = data

    def load_bucket(self, path, data):
        name, _, key = path.partition("/")
        self.bucket(name)["objects"][key] = data

    def load_web(self, path, data):
        self.web[path] = data

    def bucket(self, name):
        return self.buckets.setdefault(
            name, {"objects": {}, "closed": False, "xml": None})

    # Commands.

    def obey(self, commands):
        if isinstance(commands, dict):
            commands = [commands]
        with self.lock:
            return [self.one(dict(c)) for c in commands]

    def one(self, c):
        if "repo" in c:
            return self.change_repo(c)
        if "owner" in c:
            self.owners[c["owner"]] = {"verified": bool(c.get("verified")),
                                       "user": bool(c.get("user"))}
        elif "bucket" in c:
            bucket = self.bucket(c["bucket"])
            for key, value in c.get("put", {}).items():
                bucket["objects"].pop(key, None)
                if value is not None:
                    bucket["objects"][key] = content(value)
            bucket.update({k: c[k] for k in ("closed", "xml") if k in c})
        elif "plant" in c:
            for path, value in c["plant"].items():
                self.web[path] = content(value)
        elif "page" in c:
            self.page = int(c["page"])
        elif "reset" in c:
            self.load(self.root)
        else:
            raise ValueError("no command: %r" % c)
        return {}

    def change_repo(self, c):
        full, repo = self.repo(c["repo"])
        made = None
        for name in ("licence", "gated", "private", "disabled", "security",
                     "tree", "next", "info"):
            if name in c:
                setattr(repo, name, c[name])
        if "commit" in c:
            made = repo.commit(c.get("branch", "main"), {
                p: None if v is None else content(v)
                for p, v in c["commit"].items()})
        for name, rev in c.get("point", {}).items():
            repo.branches[name] = repo.resolve(rev)
        for name, rev in c.get("tag", {}).items():
            repo.tags[name] = rev and repo.resolve(rev)
        for path, value in c.get("serve", {}).items():
            repo.serve[path] = None if value is None else content(value)
        if "renamed" in c:
            new = full.split("/")[0] + "/" + c["renamed"]
            if new not in self.repos:
                self.repos[new] = repo
                repo.id = c["renamed"]
                self.repos[full] = Repo(full.partition("/")[2])
            self.repos[full].renamed = c["renamed"]
        if c.get("gone"):
            del self.repos[full]
        return {"id": repo.id, "sha": repo.branches.get("main"),
                "branches": repo.branches, "tags": repo.tags, "commit": made}


class Refused(Exception):
    """Ends a request with this Thing."""


def fail(status, code, text):
    headers = {"X-Error-Message": text, "Content-Type": "application/json"}
    if code:
        headers["X-Error-Code"] = code
    raise Refused(Thing(json.dumps({"error": text}).encode(), None, headers,
                        status))


def as_json(value, headers={}):
    return Thing(json.dumps(value).encode(), None,
                 {"Content-Type": "application/json", **headers})


def lead(status, where, headers={}):
    raise Refused(Thing(b"", None, {"Location": where, **headers}, status))


class Handler(server.Handler):
    state = State()

    def control(self, parts):
        if parts.path != "/_control":
            return super().control(parts)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))) or \
            parse_qs(parts.query).get("do", ["null"])[0]
        try:
            status, answer = 200, self.state.obey(json.loads(body))
        except (ValueError, KeyError, TypeError, AttributeError, OSError) as e:
            status, answer = 400, {"error": str(e)}
        body = json.dumps(answer).encode()
        self.start(status, {"Content-Length": len(body)})
        self.wfile.write(body)
        return True

    def part(self, thing, etag, faults):
        if thing.status != 200:
            return thing.status, 0, len(thing.body)
        return super().part(thing, etag, faults)

    def find(self, path, query):
        port = self.server.server_address[1]
        raw = urlsplit(self.path).path
        try:
            if path.startswith("/cdn/"):
                return self.cdn(path, query, port)
            if path.startswith("/s3/"):
                return self.s3(raw, query)
            if path.startswith("/web/"):
                return self.plain(path[5:])
            parts = [unquote(p) for p in raw.strip("/").split("/")]
            if parts[0] == "api":
                return self.api(parts[1:], query)
            if "resolve" in parts:
                return self.resolve(parts, query)
        except Refused as e:
            return e.args[0]
        return super().find(path, query)

    def plain(self, path):
        data = self.state.web.get(path)
        return data if data is None else Thing(
            data, '"%s"' % hashlib.md5(data).hexdigest())

    # The Hub.

    def may(self):
        """None: nobody; False: known; True: may read all."""
        header = self.headers.get("Authorization")
        if not header:
            return None
        token = header.partition("Bearer ")[2]
        if token not in TOKENS:
            fail(401, None, "Invalid credentials in Authorization header")
        return TOKENS[token]

    def repo(self, kind, parts):
        """(repository, what follows its id)"""
        may = self.may()
        for n in (2, 1):
            repo = self.state.repos.get("/".join([kind] + parts[:n]))
            if repo:
                break
        if repo and repo.renamed:
            old = "/".join(parts[:n])
            new = self.path.replace("/" + old, "/" + repo.renamed, 1)
            lead(307, new)
        if not repo or (repo.private and not may):
            fail(401 if may is None else 404, "RepoNotFound",
                 "Repository not found")
        return repo, parts[n:], may

    def commit(self, repo, rev):
        sha = repo.resolve(rev)
        if not sha:
            fail(404, "RevisionNotFound", "Invalid rev id: %s" % rev)
        return sha

    def api(self, parts, query):
        if parts[0] == "resolve-cache":
            return self.resolve_cache(parts[1:])
        if parts[0] in ("organizations", "users") and len(parts) == 3:
            return self.owner(parts[0], parts[1])
        if parts[0] not in TYPES:
            return None
        repo, rest, _ = self.repo(parts[0], parts[1:])
        what = rest[0] if rest else "revision"
        if what == "revision":
            rev = "/".join(rest[1:]) or "main"
            return self.info(repo, self.commit(repo, rev), query)
        if what == "tree":
            return self.tree(repo, self.commit(repo, rest[1]),
                             "/".join(rest[2:]), query)
        if what == "refs":
            return self.refs(repo)
        return None

    def owner(self, kind, name):
        o = self.state.owners.get(name)
        if not o or o["user"] == (kind == "organizations"):
            fail(404, None, "This %s does not exist" % kind[:-1])
        return as_json({"name": name, "isVerified": o["verified"]})

    def info(self, repo, sha, query):
        value = {
            "id": repo.id, "modelId": repo.id,
            "author": repo.id.split("/")[0], "sha": sha,
            "private": repo.private, "disabled": repo.disabled,
            "gated": repo.gated, "lastModified": "2026-01-01T00:00:00.000Z",
            "tags": repo.licences(),
            "cardData": {"license": repo.licence} if repo.licence else {},
            "siblings": [{"rfilename": p} for p in sorted(repo.commits[sha])],
        }
        if "securityStatus" in query:
            value["securityRepoStatus"] = {
                "scansDone": True,
                "filesWithIssues": [{"path": p, "level": v}
                                    for p, v in repo.security.items()]}
        value.update(repo.info)
        return as_json(value)

    def entries(self, repo, sha, below, deep):
        prefix = below + "/" if below else ""
        files = repo.commits[sha]
        listed = {}
        for path, data in files.items():
            if not path.startswith(prefix):
                continue
            rest = path[len(prefix):].split("/")
            for n in range(1, len(rest)):
                if deep or n == 1:
                    folder = prefix + "/".join(rest[:n])
                    listed[folder] = {
                        "type": "directory", "path": folder, "size": 0,
                        "oid": hashlib.sha1(folder.encode()).hexdigest()}
            if deep or len(rest) == 1:
                listed[path] = self.entry(path, data)
        if below and not listed:
            fail(404, "EntryNotFound", "%s does not exist" % below)
        return [listed[p] for p in sorted(listed)]

    def entry(self, path, data):
        entry = {"type": "file", "path": path, "size": len(data),
                 "oid": blob_id(data)}
        if is_lfs(path, data):
            entry["oid"] = blob_id(pointer(data))
            entry["lfs"] = {"oid": hashlib.sha256(data).hexdigest(),
                            "size": len(data),
                            "pointerSize": len(pointer(data))}
            entry["xetHash"] = hashlib.sha256(b"xet" + data).hexdigest()
        return entry

    def tree(self, repo, sha, below, query):
        if repo.tree is not None:
            return as_json(repo.tree)
        deep = query.get("recursive", ["false"])[0].lower() == "true"
        entries = self.entries(repo, sha, below, deep)
        at = int(query.get("cursor", ["0"])[0])
        end = at + self.state.page
        headers = {}
        if end < len(entries):
            scheme = "https" if hasattr(self.connection, "cipher") else "http"
            url = "%s://%s%s?recursive=%s&expand=false&cursor=%d" % (
                scheme, self.headers["Host"], urlsplit(self.path).path,
                str(deep).lower(), end)
            headers["Link"] = '<%s>; rel="next"' % url
        if repo.next:
            headers["Link"] = '<%s>; rel="next"' % repo.next
        return as_json(entries[at:end], headers)

    def refs(self, repo):
        def refs(names, kind):
            return [{"name": n, "ref": kind + n, "targetCommit": sha}
                    for n, sha in sorted(names.items()) if sha]
        pulls = {n: s for n, s in repo.branches.items()
                 if n.startswith("refs/")}
        return as_json({
            "branches": refs({n: s for n, s in repo.branches.items()
                              if n not in pulls}, "refs/heads/"),
            "tags": refs(repo.tags, "refs/tags/"),
            "converts": [], "pullRequests": refs(pulls, "")})

    def wanted(self, repo, sha, path, may):
        if repo.disabled:
            fail(403, None, "Access to this resource is disabled.")
        if repo.gated and not may:
            fail(401 if may is None else 403, "GatedRepo",
                 "Access to model %s is restricted" % repo.id)
        if path not in repo.commits[sha]:
            fail(404, "EntryNotFound", "Entry not found")
        return repo.commits[sha][path]

    def resolve(self, parts, query):
        kind = parts.pop(0) if parts[0] in TYPES else "models"
        repo, rest, may = self.repo(kind, parts)
        if len(rest) < 3 or rest[0] != "resolve":
            return None
        cut = 4 if rest[1] == "refs" else 2
        sha = self.commit(repo, "/".join(rest[1:cut]))
        path = "/".join(rest[cut:])
        data = self.wanted(repo, sha, path, may)
        headers = {"X-Repo-Commit": sha}
        if not is_lfs(path, data):
            lead(307, "/api/resolve-cache/%s/%s/%s/%s?etag=%s" % (
                kind, repo.id, sha, quote(path), blob_id(data)),
                {**headers, "ETag": '"%s"' % blob_id(data)})
        digest = hashlib.sha256(data).hexdigest()
        where = "%s://127.0.0.1:%d/cdn/%s/%s/%s?sig=%s&n=%d" % (
            "https" if hasattr(self.connection, "cipher") else "http",
            self.state.ports[-1], kind, repo.id,
            quote("%s/%s" % (sha, path), safe=""), SIGNED,
            time.monotonic_ns())
        lead(302, where, {**headers, "X-Linked-Etag": '"%s"' % digest,
                          "X-Linked-Size": len(data),
                          "X-Xet-Hash": self.entry(path, data)["xetHash"]})

    def sent(self, repo, path, data):
        other = repo.serve.get(path)
        return data if other is None else other

    def resolve_cache(self, parts):
        repo, rest, may = self.repo(parts[0], parts[1:])
        path = "/".join(rest[1:])
        data = self.wanted(repo, rest[0], path, may)
        return Thing(self.sent(repo, path, data), '"%s"' % blob_id(data),
                     {"X-Repo-Commit": rest[0]})

    def cdn(self, path, query, port):
        """A content network wants its own signature and nothing else."""
        if port != self.state.ports[-1] or self.headers.get("Authorization"):
            fail(400, None, "Only one auth mechanism allowed")
        if query.get("sig") != [SIGNED]:
            fail(403, None, "Access denied")
        kind, org, name, sha, rest = path[5:].split("/", 4)
        repo = self.state.repos["/".join((kind, org, name))]
        data = self.sent(repo, rest, repo.commits[sha][rest])
        return Thing(data, '"%s"' % hashlib.md5(data).hexdigest())

    # S3.

    def s3(self, raw, query):
        name, _, key = raw[4:].partition("/")
        bucket = self.state.buckets.get(unquote(name))
        signed = self.signature()
        if signed is False:
            return self.s3_error(403, "SignatureDoesNotMatch")
        if not bucket:
            return self.s3_error(404, "NoSuchBucket")
        if bucket["closed"] and not signed:
            return self.s3_error(403, "AccessDenied")
        if not key:
            return self.s3_list(unquote(name), bucket)
        data = bucket["objects"].get(unquote(key))
        if data is None:
            return self.s3_error(404, "NoSuchKey")
        return Thing(data, '"%s"' % hashlib.md5(data).hexdigest())

    def s3_error(self, status, code):
        return Thing(("<?xml version=\"1.0\"?><Error><Code>%s</Code></Error>"
                      % code).encode(), None,
                     {"Content-Type": "application/xml"}, status)

    def signature(self):
        """None: not signed; else whether it is a good signature."""
        header = self.headers.get("Authorization")
        if not header:
            return None
        try:
            fields = dict(f.strip().split("=", 1) for f in
                          header.partition("AWS4-HMAC-SHA256")[2].split(","))
            key, *scope = fields["Credential"].split("/")
            secret, session = KEYS[key]
            signed = fields["SignedHeaders"].split(";")
            when = self.headers["x-amz-date"]
            then = time.mktime(time.strptime(when, "%Y%m%dT%H%M%SZ"))
        except (KeyError, ValueError, TypeError):
            return False
        if session != self.headers.get("x-amz-security-token") or \
                abs(then - time.timezone - time.time()) > 900 or \
                not {"host", "x-amz-date"} <= set(signed) or \
                (session and "x-amz-security-token" not in signed):
            return False
        parts = urlsplit(self.path)
        query = sorted((quote(k, safe="~"), quote(v, safe="~")) for k, v in
                       parse_qsl(parts.query, keep_blank_values=True))
        canonical = "\n".join(
            [self.command, quote(unquote(parts.path), safe="/~"),
             "&".join("%s=%s" % kv for kv in query)] +
            ["%s:%s" % (h, self.headers.get(h, "").strip()) for h in signed] +
            ["", ";".join(signed),
             self.headers.get("x-amz-content-sha256", "")])
        text = "\n".join(["AWS4-HMAC-SHA256", when, "/".join(scope),
                          hashlib.sha256(canonical.encode()).hexdigest()])
        k = ("AWS4" + secret).encode()
        for part in scope + [text]:
            k = hmac.new(k, part.encode(), hashlib.sha256).digest()
        return hmac.compare_digest(k.hex(), fields["Signature"])

    def s3_list(self, name, bucket):
        if bucket["xml"] is not None:
            return Thing(bucket["xml"].encode())
        query = dict(parse_qsl(urlsplit(self.path).query))
        if query.get("list-type") != "2":
            return self.s3_error(400, "InvalidRequest")
        prefix = query.get("prefix", "")
        most = min(int(query.get("max-keys", 1000)), self.state.page)
        after = base64.b64decode(query.get("continuation-token", "")).decode()
        keys = sorted(k for k in bucket["objects"] if k.startswith(prefix))
        at = keys.index(after) + 1 if after else 0
        page = keys[at:at + most]
        more = at + most < len(keys)
        url = query.get("encoding-type") == "url"
        out = ['<?xml version="1.0" encoding="UTF-8"?>'
               '<ListBucketResult '
               'xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
               "<Name>%s</Name><IsTruncated>%s</IsTruncated>"
               % (name, str(more).lower())]
        for key in page:
            data = bucket["objects"][key]
            out.append(
                "<Contents><Key>%s</Key><ETag>&quot;%s&quot;</ETag>"
                "<Size>%d</Size><StorageClass>STANDARD</StorageClass>"
                "</Contents>"
                % (escape(quote(key, safe="/").replace("%20", "+") if url
                          else key), hashlib.md5(data).hexdigest(),
                   len(data)))
        if more:
            out.append("<NextContinuationToken>%s</NextContinuationToken>"
                       % base64.b64encode(page[-1].encode()).decode())
        if url:
            out.append("<EncodingType>url</EncodingType>")
        return Thing("".join(out + ["</ListBucketResult>"]).encode())


class Control:
    """Control(port)(repo="org/name", commit={"a.txt": "x"}): one command."""

    def __init__(self, port, scheme="http"):
        self.url = "%s://127.0.0.1:%s/_control" % (scheme, port)

    def __call__(self, **command):
        request = urllib.request.Request(
            self.url, json.dumps(command).encode(),
            {"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request) as answer:
            return json.load(answer)[0]


def main():
    args = sys.argv[1:]
    tls = None
    if args[:1] == ["--tls"]:
        tls = args[1], args[2]
        args = args[3:]
    if len(args) != 1:
        sys.exit(__doc__)
    Handler.state.load(args[0])
    server.tell(server.start(Handler, 2, tls))
    sys.stdin.read()


if __name__ == "__main__":
    main()
