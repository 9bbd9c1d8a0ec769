-- What was last said of a referral on its topic (JSON; NULL: nothing stands), and the event and trace it follows from.
-- `open`: it has neither begun nor come to nothing; only then it is looked at again as days go by.
ALTER TABLE referrals ADD COLUMN referred_on date;
ALTER TABLE referrals ADD COLUMN open boolean NOT NULL DEFAULT true;
ALTER TABLE referrals ADD COLUMN said text;
ALTER TABLE referrals ADD COLUMN cause text;
