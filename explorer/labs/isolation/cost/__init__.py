"""What isolation costs: bank transfers over HTTP at each level, with throughput, aborts, retries and lost money."""
