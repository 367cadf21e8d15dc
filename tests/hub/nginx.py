#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""nginx on loopback, as an ordinary user's process.

nginx.py FOLDER prints two free ports, one for HTTP and one for TLS (with
HTTP/2), serves FOLDER/www on both and ends when standard input does. It writes
FOLDER/cert.pem for localhost, and www/data: 100000 bytes as server.py has."""
import os
import socket
import subprocess
import sys
import time

from server import pattern

CONFIG = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
	access_log off;
	client_body_temp_path {folder}/body;
	proxy_temp_path {folder}/proxy;
	fastcgi_temp_path {folder}/fastcgi;
	uwsgi_temp_path {folder}/uwsgi;
	scgi_temp_path {folder}/scgi;
	ssl_certificate {folder}/cert.pem;
	ssl_certificate_key {folder}/key.pem;
	gzip on;
	gzip_types *;
	server {{
		listen 127.0.0.1:{plain};
		listen 127.0.0.1:{tls} ssl http2;
		root {folder}/www;
		absolute_redirect off;
		location /moved/ {{ rewrite ^/moved/(.*)$ /$1 redirect; }}
		location /single/ {{ alias {folder}/www/; max_ranges 0; }}
		location /limited/ {{ return 429; }}
		location = /_reset {{ return 200; }}
	}}
}}
"""


def free_ports(n):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [s.getsockname()[1] for s in held]
    for s in held:
        s.close()
    return ports


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def main():
    folder = os.path.abspath(sys.argv[1])
    os.makedirs(folder + "/www", exist_ok=True)
    with open(folder + "/www/data", "wb") as f:
        f.write(pattern(100000))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem", "-out",
         "cert.pem", "-days", "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost"],
        cwd=folder, check=True, stderr=subprocess.DEVNULL)
    plain, tls = free_ports(2)
    with open(folder + "/nginx.conf", "w") as f:
        f.write(CONFIG.format(folder=folder, plain=plain, tls=tls))
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    nginx = subprocess.Popen(
        ["nginx", "-p", folder, "-c", folder + "/nginx.conf", "-e",
         folder + "/error.log"],
        env=dict(os.environ, PATH=path), stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL)
    for _ in range(100):
        if listens(plain) and listens(tls) or nginx.poll() is not None:
            break
        time.sleep(0.05)
    print(plain, tls, sep="\n", flush=True)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.stdin.read()
    nginx.terminate()
    nginx.wait()


if __name__ == "__main__":
    main()
