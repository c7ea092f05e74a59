-- There is one writer: nobody publishes anything until its transaction ends.
SELECT 1;
