"""The State's form platform (démarche numérique): its answers, page after page, and the forms its files hold."""
