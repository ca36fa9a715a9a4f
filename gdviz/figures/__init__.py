"""Pure functions from traces to figures: no compute, no Streamlit."""
