"""What makes the shipped data and pages anew; none of it is in the wheel."""
