# nginx before the replicas of compose.yaml; it serves Streamlit's scripts, so it is made from the
# same image as they are: the same version, the same names.
FROM gdviz:0.1.0

USER root
RUN apt-get update && apt-get install -y --no-install-recommends nginx=1.22.* && rm -rf /var/lib/apt/lists/*
RUN python deploy/configure.py --folder /srv/front --listen 0.0.0.0:8501 172.30.77.11:8501 172.30.77.12:8501 && chown -R gdviz /srv/front
USER gdviz
HEALTHCHECK --interval=10s --timeout=3s CMD ["python", "scripts/probe.py"]
CMD ["nginx", "-p", "/srv/front", "-c", "/srv/front/nginx.conf", "-e", "stderr"]
