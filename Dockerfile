# One image for web, worker and sweeper; docker-compose.yml says which is which.
FROM node:22-bookworm-slim AS front-end
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM python:3.11-slim-bookworm
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=annotrain.settings \
    ANNOTRAIN_PRODUCTION=1 \
    ANNOTRAIN_STATE_DIR=/state \
    STATIC_ROOT=/srv/static
RUN useradd --uid 10001 --create-home annotrain && install -d -o annotrain -g annotrain /state /srv/static
WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement requirements.txt
COPY . .
COPY --from=front-end /build/node_modules ./node_modules
USER annotrain
# The key and the host are only for this step; a container without its own does not start.
RUN SECRET_KEY=only-for-collectstatic ALLOWED_HOSTS=localhost python manage.py collectstatic --noinput --verbosity 0
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--no-ws", "--workers", "2", "--blocking-threads", "4", "--respawn-failed-workers", "annotrain.wsgi:application"]
