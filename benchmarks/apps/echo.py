"""The smallest interactive Streamlit app: a slider, and its value as text."""

import streamlit as st

st.title("Echo")
st.text(f"k = {st.slider('k', 0, 100, 50)}")
