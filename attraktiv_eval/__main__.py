"""Let ``python -m attraktiv_eval`` do what ``attraktiv-eval`` does."""

from attraktiv_eval.cli import main

if __name__ == "__main__":
    main()
