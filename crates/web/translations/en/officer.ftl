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
proposals-title = Proposals
proposals-intro = Nobody changes the rules alone. One authority proposes, everybody at the desk sees whom it would change, and another authority decides.
proposals-none = Nothing was proposed yet.
proposal-policy = Policy { $name }
proposal-levels = { $count ->
    [one] 1 region level
   *[other] { $count } region levels
  }
proposal-by = Proposed by { $name } on { $at }
proposal-comparing = Being compared
proposal-open = Waiting for a second authority
proposal-approved = Approved
proposal-rejected = Rejected
proposal-settled = By { $name } on { $at }
proposal-decided = People decided so far: { $count }. This page renews itself.
proposal-difference = Whom it would change
proposal-nobody = Nobody's status would change today.
proposal-change = Change
proposal-people = People
proposal-few = 1 to 9, or kept back
proposal-no-rule = the health declaration alone
proposal-kept-back = Numbers from 1 to 9 are kept back, and others that would give them away.
proposal-content = What is proposed, word for word
proposal-own = Your authority proposed this, so another one must approve it. You can take it back.
proposal-reason = Reason
proposal-reason-hint = It stays in the record with your authority's name.
proposal-approve = Approve and publish
proposal-reject = Reject
proposal-bad-reason = Please give a reason of at most 1,000 characters.
proposal-not-compared = Something else was published meanwhile, so this is being compared again. Look at the new numbers, then decide.
proposal-too-late = Somebody has decided this already.
