"""The toolkit of Streamlit: what all pages share of what a visitor sees and touches."""
