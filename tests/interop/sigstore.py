# SPDX-License-Identifier: Apache-2.0
"""A Sigstore of one's own: an authority, a log of certificates, a log of
entries, and keyless signatures by them.  Every step can be done wrong."""
import base64
import datetime
import hashlib
import json
import struct

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

UTC = datetime.timezone.utc
SCT_LIST = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
ISSUER_RAW = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
USER_NAME = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.7")
ISSUER = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.8")
TYPE = "application/vnd.in-toto+json"
NOW = datetime.datetime(2026, 1, 1, 12, 0, 0)
MINUTE = datetime.timedelta(minutes=1)


def b64(data):
    return base64.b64encode(data).decode()


def seconds(when):
    return int(when.replace(tzinfo=UTC).timestamp())


def text(when):
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def utf8(s):
    data = s.encode()
    return b"\x0c" + bytes((len(data),)) + data


class Key:
    def __init__(self, curve=ec.SECP256R1):
        self.private = ec.generate_private_key(curve())
        self.der = self.private.public_key().public_bytes(
            serialization.Encoding.DER,
            serialization.PublicFormat.SubjectPublicKeyInfo)
        self.id = hashlib.sha256(self.der).digest()

    def sign(self, data):
        return self.private.sign(data, ec.ECDSA(hashes.SHA256()))


def name(common):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common)])


def extended_uses(*uses):
    return x509.ExtendedKeyUsage(list(uses))


class Sigstore:
    """All of it, valid for a day around NOW."""

    def __init__(self):
        self.root, self.ca = Key(), Key()
        self.certificates, self.entries = Key(), Key()
        self.root_cert = self.authority("root", self.root, "root", self.root)
        self.ca_cert = self.authority("ca", self.ca, "root", self.root)
        self.start, self.end = NOW - 60 * MINUTE, NOW + 60 * MINUTE

    @staticmethod
    def authority(subject, key, issuer, by):
        return x509.CertificateBuilder(
            name(issuer), name(subject), key.private.public_key(),
            x509.random_serial_number(), NOW - 90 * MINUTE, NOW + 90 * MINUTE,
        ).add_extension(
            x509.BasicConstraints(True, None), True
        ).sign(by.private, hashes.SHA256())

    def trusted_root(self, **changes):
        period = {"start": text(self.start), "end": text(self.end)}

        def log(key):
            return {"hashAlgorithm": "SHA2_256", "logId": {
                "keyId": b64(key.id)}, "publicKey": {
                    "rawBytes": b64(key.der), "validFor": dict(period)}}

        chain = [{"rawBytes": b64(c.public_bytes(
            serialization.Encoding.DER))} for c in (self.ca_cert,
                                                    self.root_cert)]
        root = {
            "mediaType":
                "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [log(self.entries)],
            "ctlogs": [log(self.certificates)],
            "certificateAuthorities": [{"certChain": {"certificates": chain},
                                        "validFor": dict(period)}],
            "timestampAuthorities": [],
        }
        root.update(changes)
        return root

    def sct(self, tbs, wrong):
        by = wrong.get("sct_key", self.certificates)
        when = seconds(wrong.get("sct_time", NOW)) * 1000
        issuer = wrong.get("sct_issuer", self.ca)
        signed = struct.pack(">BBQH", 0, 0, when, 1) + issuer.id + \
            struct.pack(">I", len(tbs))[1:] + tbs + b"\0\0"
        sig = by.sign(signed)
        one = b"\0" + self.certificates.id + struct.pack(">QH", when, 0) + \
            b"\4\3" + struct.pack(">H", len(sig)) + sig
        one = struct.pack(">H", len(one)) + one
        return one * wrong.get("scts", 1)

    def leaf(self, key, identity, issuer, wrong):
        builder = x509.CertificateBuilder(
            name("ca"), x509.Name([]), key.private.public_key(),
            x509.random_serial_number(), wrong.get("from", NOW - MINUTE),
            wrong.get("to", NOW + 9 * MINUTE))
        uses = wrong.get("uses", [x509.ExtendedKeyUsageOID.CODE_SIGNING])
        if uses:
            builder = builder.add_extension(extended_uses(*uses), False)
        builder = builder.add_extension(x509.KeyUsage(
            wrong.get("may_sign", True), False,
            not wrong.get("may_sign", True), False, False, False, False,
            False, False), True)
        builder = builder.add_extension(
            x509.SubjectAlternativeName(identity), True)
        for oid, value in issuer:
            builder = builder.add_extension(
                x509.UnrecognizedExtension(oid, value), False)
        by = wrong.get("ca", self.ca).private
        if wrong.get("scts", 1):
            tbs = builder.sign(by, hashes.SHA256()).tbs_certificate_bytes
            scts = self.sct(tbs, wrong)
            scts = struct.pack(">H", len(scts)) + scts
            builder = builder.add_extension(x509.UnrecognizedExtension(
                SCT_LIST, b"\x04\x81" + bytes((len(scts),)) + scts
                if len(scts) > 127 else b"\x04" + bytes((len(scts),)) + scts),
                False)
        return builder.sign(by, hashes.SHA256())

    def entry(self, payload, sig, cert, wrong):
        pem = cert.public_bytes(serialization.Encoding.PEM)
        body = json.dumps({
            "apiVersion": "0.0.1", "kind": "dsse", "spec": {
                "envelopeHash": {"algorithm": "sha256", "value": "00" * 32},
                "payloadHash": {"algorithm": "sha256", "value":
                                hashlib.sha256(payload).hexdigest()},
                "signatures": [{"signature": b64(sig),
                                "verifier": b64(pem)}]}}).encode()
        when = seconds(wrong.get("time", NOW))
        log = wrong.get("log_key", self.entries)
        promise = json.dumps(
            {"body": b64(body), "integratedTime": when,
             "logID": self.entries.id.hex(), "logIndex": 7},
            sort_keys=True, separators=(",", ":")).encode()
        # The second of two leaves.
        node = hashlib.sha256(b"\0" + body).digest()
        other = hashlib.sha256(b"\0other").digest()
        root = hashlib.sha256(b"\1" + other + node).digest()
        note = "test log\n2\n%s\n" % b64(root)
        note += "\n\u2014 test %s\n" % b64(self.entries.id[:4] +
                                            log.sign(note.encode()))
        return {
            "logIndex": "7", "logId": {"keyId": b64(self.entries.id)},
            "kindVersion": {"kind": "dsse", "version": "0.0.1"},
            "integratedTime": str(when),
            "inclusionPromise": {"signedEntryTimestamp":
                                 b64(log.sign(promise))},
            "inclusionProof": {"logIndex": "1", "treeSize": "2",
                               "rootHash": b64(root), "hashes": [b64(other)],
                               "checkpoint": {"envelope": note}},
            "canonicalizedBody": b64(body)}

    def sign(self, payload, identity, issuer, **wrong):
        """A bundle over the payload, with what is wrong done wrong."""
        key = Key()
        cert = self.leaf(key, identity, issuer, wrong)
        pae = b"DSSEv1 %d %s %d " % (len(TYPE), TYPE.encode(), len(payload))
        sig = wrong.get("signer", key).sign(pae + payload)
        der = cert.public_bytes(serialization.Encoding.DER)
        return {
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {
                "certificate": {"rawBytes": b64(der)},
                "tlogEntries": [self.entry(payload, sig, cert, wrong)],
                "timestampVerificationData": {}},
            "dsseEnvelope": {"payload": b64(payload), "payloadType": TYPE,
                             "signatures": [{"sig": b64(sig)}]}}
