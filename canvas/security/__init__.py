"""What guards every request: headers, body sizes, rates, and the checks that refuse an unsafe public start."""
