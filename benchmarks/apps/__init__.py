"""Small apps to compare with; they are served with the flags and the config of the real one."""
