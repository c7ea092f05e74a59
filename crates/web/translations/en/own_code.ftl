code-offline = No network since { $since }. This code holds until { $until }.
code-offline-over = No network. This code has ended; connect this phone once, and it comes back.
code-ended = This code has ended.
code-signed = Signed on this phone at { $when }
code-reported = Last report: { $when }
code-inside = You are at { $venue } since { $when }.

way-title = How it can end earlier
way-reports-in-a-row = Normal health reports, one on each of { $need } days in a row: { $have } of { $need }.
way-reports = Normal health reports: { $have } of { $need }.
way-negative-tests-in-a-row = Negative tests, one on each of { $need } days in a row: { $have } of { $need }.
way-negative-tests = Negative tests: { $have } of { $need }.
way-tests = Tests: { $have } of { $need }.
way-diagnosis = A doctor finds that you are well again or do not have the disease.
way-foreign = Another place says that your code there is green.
way-other = The rule names another way; read it with the rule.
way-apart = { $count ->
    [one] Each at least { $count } hour after the one before.
   *[other] Each at least { $count } hours after the one before.
}
way-next = From { $when } on the next one counts.

why-title = Why my code is so
why-behind = What is behind it
why-since = Since
why-others = What the rules made of facts earlier, or will
why-other = { $title }: { $since } – { $until }
why-other-lifted = { $title }: { $since } – { $until }, ended early

history-title = What happened
history-colours = My colours
history-colours-note = Worked out by the rules of today from what was known at each time.
history-since = Since { $since }
history-from-until = From { $since } until { $until }
history-facts = What was said about me
history-visits = Where I scanned a sign
history-checks = Checks
history-no-checks = Nobody records where your code was shown, so there is no list of it. Only a gate that records visits does: those stand under My visits.
history-nothing = Nothing yet.
history-no-visits = No visit is recorded.

fact-declaration = Your report: { $symptoms } · Met a case: { $contact }
fact-no-symptoms = feeling well
fact-test-positive = Test: positive
fact-test-negative = Test: negative
fact-test-inconclusive = Test: no clear result
fact-test-pending = Test taken, result to come
fact-diagnosis-suspected = Diagnosis: may have the disease
fact-diagnosis-confirmed = Diagnosis: has the disease
fact-diagnosis-asymptomatic = Diagnosis: has the disease without feeling ill
fact-diagnosis-recovered = Diagnosis: well again
fact-diagnosis-excluded = Diagnosis: does not have the disease
fact-contact = You were together with somebody who is ill
fact-contact-place = You were where somebody was who is ill
fact-contact-far = Somebody you met had met somebody who is ill
fact-stay = Stay in area { $region }
fact-vaccination = Vaccination: { $product }
fact-visit = At { $venue }
fact-visit-unknown = a place
fact-order = Order: { $basis }
fact-contradiction = A record differs from what you reported
fact-foreign-verdict = Code of { $issuer }: { $colour }
fact-taken-back = Taken back { $when }; it counts no more.

declare-today = You reported today, { $when }. Report again if something changed.
declare-last = Your last report was on { $when }.
form-waiting = There is no network. Leave this page open: what you filled in is sent as soon as there is one.
form-signed-out = You are signed out, and nothing was sent. What you filled in stays here: sign in beside this page, then press the button again.
declare-again = Fill in my last answers

offline-title = No network
offline-text = Your code works without a network on the phone on which you opened it before. Everything else comes back with the network.

data-title = My data
data-intro = This is kept about you:
data-identity = Your name, document and phone, locked away apart from everything else.
data-facts = What you and offices said about your health, tests, stays and visits.
data-account = Phones and browsers that are signed in, and what was done to your account.
data-not = Where your code was shown is kept nowhere, except where a gate records visits: those are among your visits.
data-take = Take it with me
data-take-text = One file with everything except your name, document and phone number, which you know, and the people you met, whom nobody is told.
data-take-go = Save the file

delete-title = Delete my account
delete-about = Your name, document and phone number are deleted at once. You read first what stays, and until when.
delete-now = What goes now
delete-now-identity = Your name, your document number and your phone number.
delete-now-keys = Whatever is signed in, the keys of your phones, and your code: nobody can show it any more.
delete-now-people = That you may show the codes of others, and that others may show yours. For a child you would go to the office again.
delete-stays = What stays until its day
delete-until = { $kind }: { $count }, until { $until }
delete-until-the-end = { $kind }: { $count }, until the emergency ends
delete-stays-nothing = Nothing that was said about you is kept.
delete-stays-why = This stays under a number, without your name. People whom you met may have to be told, and nobody shall get out of a rule by starting anew. If an office sees your document later, it counts for you again until its day.
delete-stays-log = Objections that you sent, and what the log says of offices that looked at you, stay until their day too.
delete-ask = So that nobody else does it, we send a code to the phone of your account.
delete-again = You can open a new account at any time.
delete-send = Send me the code
delete-sent = A code is on its way to your phone. It is good for ten minutes. With it your account is deleted at once.
delete-go = Delete my account now
delete-not = Keep my account
delete-done-title = Your account is deleted
delete-done = Your code has ended, and nothing leads to your name any more. What stays goes on the days that you read.
journey-title = I was in another region
journey-hint = Only if you were somewhere else since your last report. The name or the code of the city or district; abroad, the two letters of the country. Which regions count is in the published rules.
journey-line = Journey { $number }
journey-region = Where
journey-from = First day there
journey-until = Last day there
journey-until-hint = Leave it empty if you are still there.
journey-transit = I only passed through, without stopping
journey-bad-region = We do not know this region. Choose it from the list, or type its code.
journey-no-day = Say on which day you arrived.
journey-bad-day = This is no day up to today, or it is more than 100 days ago.
journey-last-first = The last day lies before the first.
