"""The toolkit of pictures: pure functions from traces to figures."""
