"""What the server adds to Streamlit: routes, live scenes, limits, readiness."""
