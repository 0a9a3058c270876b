"""What is changed: each change declared once, sent, and searched where no answer came."""
