"""`python -m gdviz`: the command line."""

from gdviz.cli import main

if __name__ == "__main__":
    main(prog_name="gdviz")
