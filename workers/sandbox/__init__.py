"""User SQL and Python in limited child processes: tiers, fork-servers, jobs, and answers that nobody trusts."""
