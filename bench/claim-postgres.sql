-- What a claim is in PostgreSQL: claimed before? take one from the stock, append an event.
CREATE TABLE stock (treasure integer PRIMARY KEY, stock_left bigint NOT NULL CHECK (stock_left >= 0)) WITH (fillfactor = 50);
CREATE TABLE claims (player text, treasure integer, PRIMARY KEY (player, treasure));
CREATE TABLE events (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  player text NOT NULL,
  treasure integer NOT NULL
);
CREATE FUNCTION claim(who text, what integer) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO claims VALUES (who, what) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN 'seen'; END IF;
  UPDATE stock SET stock_left = stock_left - 1 WHERE treasure = what AND stock_left > 0;
  IF NOT FOUND THEN
    DELETE FROM claims WHERE player = who AND treasure = what;
    RETURN 'sold_out';
  END IF;
  INSERT INTO events (player, treasure) VALUES (who, what);
  RETURN 'granted';
END $$;
