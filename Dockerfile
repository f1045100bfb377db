FROM python:3.13-slim AS build
WORKDIR /build
RUN python -m venv /opt/pathgraph
COPY requirements.lock ./
RUN /opt/pathgraph/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
    --only-binary :all: --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY cypher cypher
COPY src src
RUN /opt/pathgraph/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
    --no-index --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --create-home pathgraph \
    && install --directory --owner=pathgraph /home/pathgraph/pathgraph-quarantine
COPY --from=build /opt/pathgraph /opt/pathgraph
USER pathgraph
WORKDIR /home/pathgraph
ENV PATH=/opt/pathgraph/bin:$PATH
ENTRYPOINT ["pathgraph"]
