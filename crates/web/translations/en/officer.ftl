officer-title = Officer's desk
officer-sign-in = Sign in
officer-token = Access token of your authority
officer-token-hint = It is kept in this browser for 8 hours and shown nowhere.
officer-bad-token = This token is not valid. Check that you copied all of it.
officer-signed-in = Signed in for { $name }
officer-sign-out = Sign out
officer-confirm-title = Confirm a case
officer-confirm-intro = You report a fact: this person has the disease. You do not set anybody's colour. The published rules decide what follows, and everyone affected can read why.
officer-choose = Choose a person
officer-person-id = Person identifier
officer-person-id-hint = 32 letters and digits, from the laboratory's report
officer-bad-person = There is no such person. Check the identifier.
officer-onset = First day of illness
officer-onset-hint = If you do not know it, leave it empty; two days before the test count then.
officer-bad-onset = Please give a day that is not in the future.
officer-confirm = Confirm the case
officer-case-title = Case confirmed
officer-case-running = Looking for the people who were with the case. This page renews itself.
officer-case-done = Done. Everybody who was found can read it on their code page now.
officer-case-found = { $count ->
    [one] 1 person was found
   *[other] { $count } people were found
  }
officer-case-none = Nobody was found at the same places at the same time.
officer-case-window = Places visited between { $from } and { $until } are compared.
officer-case-names = You see how many, not who: each person is told on their own page.
officer-case-look = Look at { $name }'s code now
officer-case-next = Confirm another case
