"""Small apps to compare with, served with the flags and settings of the real app."""
