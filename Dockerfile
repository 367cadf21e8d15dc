# SPDX-License-Identifier: Apache-2.0
# The static program and nothing else: no shell, no library, no user but
# nobody.  docs/pipelines.md
FROM debian:12-slim AS build
WORKDIR /src
COPY . .
RUN apt-get update && apt-get install -y --no-install-recommends make && make static

FROM scratch
COPY --from=build /src/build-static/picket /bin/picket
USER 65534:65534
WORKDIR /models
ENTRYPOINT ["/bin/picket"]
CMD ["scan", "/models"]
