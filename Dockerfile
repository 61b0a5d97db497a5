# syntax=docker/dockerfile:1
# Every part of the studio in one image, in two stages so that what only building needs stays behind. The argument says
# which part: scripts/container_entry.sh. docs/container.md says how to run it and how it was checked.
ARG PYTHON_IMAGE=docker.io/library/python:3.13-slim-trixie

# hadolint ignore=DL3006
FROM ${PYTHON_IMAGE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
# Skia links against libEGL and libGL and then draws without them. Installing libegl1 and libgl1 in the final stage
# would bring Mesa and LLVM (about 200 MB) along, so only the dispatch libraries and what those and Skia link against
# are taken over. The final stage loads Skia once, so that a missing one fails the build and not the first ad.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libegl1 libgl1 \
    && mkdir /glvnd \
    && for name in libEGL.so.1 libGL.so.1 libGLdispatch.so.0 libGLX.so.0 libX11.so.6 libxcb.so.1 libXau.so.6 \
           libXdmcp.so.6 libbsd.so.0 libmd.so.0 libexpat.so.1; do \
         cp -L "/usr/lib/$(uname -m)-linux-gnu/$name" /glvnd/ || exit 1; \
       done
# The rarer characters of Chinese and Japanese, and Indic, Georgian and other scripts: of the packages' 130 MB only the
# files that runs/composition/found.py looks for.
# hadolint ignore=DL3008
RUN apt-get install -y --no-install-recommends fonts-noto-core fonts-noto-cjk \
    && mkdir /fonts && cp /usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc /fonts/ \
    && for script in Armenian Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Georgian Ethiopic; do \
         cp "/usr/share/fonts/truetype/noto/NotoSans$script-Bold.ttf" /fonts/ || exit 1; \
       done \
    && cp /usr/share/doc/fonts-noto-cjk/copyright /fonts/copyright
WORKDIR /app
COPY requirements.txt ./
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --require-hashes --no-deps --no-compile --only-binary :all: -r requirements.txt
COPY . .
RUN SECRET_KEY=only-for-collecting-static-files-0123456789 VAR_DIR=/tmp/build DATABASE_URL=sqlite://:memory: \
      /opt/venv/bin/python manage.py collectstatic --no-input --verbosity 0 \
    && /opt/venv/bin/python -m compileall -q /opt/venv/lib accounts adgen runs studio

# hadolint ignore=DL3006
FROM ${PYTHON_IMAGE} AS run
LABEL org.opencontainers.image.title="AdGen Studio" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin \
    LD_LIBRARY_PATH=/opt/glvnd \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONFAULTHANDLER=1 \
    VAR_DIR=/data HOST=0.0.0.0 PORT=8000
RUN echo "adgen:x:10001:10001:AdGen Studio:/nonexistent:/usr/sbin/nologin" >> /etc/passwd \
    && echo "adgen:x:10001:" >> /etc/group \
    && install -d -m 0700 -o 10001 -g 10001 /data
COPY --from=build /glvnd /opt/glvnd
COPY --from=build /fonts /usr/local/share/fonts/noto
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
RUN python -c "import skia"
USER 10001:10001
VOLUME ["/data"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "/app/scripts/healthcheck.py"]
ENTRYPOINT ["/app/scripts/container_entry.sh"]
CMD ["studio"]
