//! Findings → bytes; places become lines and columns only here.
