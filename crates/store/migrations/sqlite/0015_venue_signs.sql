-- Signs at the door that change.

-- NULL: the venue has a printed sign. Otherwise its sign is shown on a screen and changes; a screen
-- shows signs of the number under which it was opened, and a greater number ends it.
ALTER TABLE venue ADD COLUMN sign_number INTEGER;
