"""Rules as data: conditions as text, what is owned, what excludes what, and the playbook that holds them."""
