"""What a page is made of, without Streamlit: its knobs, its presets, its run and its code."""
