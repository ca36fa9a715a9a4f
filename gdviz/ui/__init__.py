"""What a visitor sees and touches: the only folder of the package that imports streamlit."""
