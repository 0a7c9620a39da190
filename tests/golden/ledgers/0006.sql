PRAGMA application_id = 1700885102;
BEGIN TRANSACTION;
CREATE TABLE action (              -- one row per move that got an identity; its life is
                                    -- in action_event, its present state in the view action_now
  action_id  INTEGER PRIMARY KEY AUTOINCREMENT,
  cycle_id   INTEGER NOT NULL REFERENCES cycle,
  request_no TEXT NOT NULL UNIQUE,     -- the number that the exchange knows it by:
                                    -- run.prefix, then action_id in twelve digits
  verb       TEXT NOT NULL CHECK (verb IN ('subscribe', 'redeem')),
  product_id TEXT NOT NULL,
  earn_id    TEXT,
  coin       TEXT NOT NULL,
  amount     TEXT NOT NULL,
  reason     TEXT NOT NULL CHECK (reason GLOB '[a-z]*' AND reason NOT GLOB '*[^a-z0-9_]*'),
  known_upto INTEGER NOT NULL CHECK (known_upto >= 0),  -- newest record_seq at that moment:
                                    -- a record up to it cannot be this action's
  available_before TEXT NOT NULL,      -- the wallet at that moment
  total_before     TEXT,               -- total_seen at that moment, if the exchange gives it
  CHECK (length(request_no) = 20 AND request_no GLOB '[1-9]*' AND request_no NOT GLOB '*[^0-9]*'),
  CHECK (substr(request_no, 9) = printf('%012d', action_id)),
  CHECK (verb = 'subscribe' OR earn_id IS NOT NULL),
  CHECK (amount <> '0'),
  CHECK (amount GLOB '[0-9]*' AND amount NOT GLOB '*[^0-9.]*' AND amount NOT GLOB '*.*.*'
         AND amount NOT GLOB '0[0-9]*' AND amount NOT GLOB '*.' AND amount NOT GLOB '*.*0'
         AND instr(amount || '.', '.') <= 21 AND length(amount) - instr(amount || '.', '.') <= 18),
  CHECK (available_before GLOB '[0-9]*' AND available_before NOT GLOB '*[^0-9.]*' AND available_before NOT GLOB '*.*.*'
         AND available_before NOT GLOB '0[0-9]*' AND available_before NOT GLOB '*.' AND available_before NOT GLOB '*.*0'
         AND instr(available_before || '.', '.') <= 21 AND length(available_before) - instr(available_before || '.', '.') <= 18),
  CHECK (total_before GLOB '[0-9]*' AND total_before NOT GLOB '*[^0-9.]*' AND total_before NOT GLOB '*.*.*'
         AND total_before NOT GLOB '0[0-9]*' AND total_before NOT GLOB '*.' AND total_before NOT GLOB '*.*0'
         AND instr(total_before || '.', '.') <= 21 AND length(total_before) - instr(total_before || '.', '.') <= 18)
) STRICT;
INSERT INTO "action" VALUES(1,1,'23375108000000000001','subscribe','1201',NULL,'BTC','0.24999845','best_band',0,'0.25','0');
INSERT INTO "action" VALUES(2,1,'23375108000000000002','subscribe','1301',NULL,'ETH','2.99997096','best_band',1,'4','0');
INSERT INTO "action" VALUES(3,1,'23375108000000000003','subscribe','1101',NULL,'USDC','1999.9999727','best_band',2,'3000','0');
INSERT INTO "action" VALUES(4,1,'23375108000000000004','subscribe','1102',NULL,'USDC','999.99999956','best_band',3,'1000.0000273','1999.9999727');
INSERT INTO "action" VALUES(5,1,'23375108000000000005','subscribe','1002',NULL,'USDT','499.99992136','best_band',4,'12000','0');
INSERT INTO "action" VALUES(6,1,'23375108000000000006','subscribe','1001',NULL,'USDT','11399.99998439','best_band',5,'11500.00007864','499.99992136');
INSERT INTO "action" VALUES(7,6,'23375108000000000007','subscribe','1001',NULL,'USDT','5001.73429241','best_band',12,'5101.7343408','11899.99990575');
INSERT INTO "action" VALUES(8,10,'23375108000000000008','subscribe','1001',NULL,'USDT','1.73427795','compound',19,'101.73429494','16901.73419816');
INSERT INTO "action" VALUES(9,13,'23375108000000000009','redeem','1001','200006','USDT','16403.46855475','rate_under_floor',20,'100.00001699','16903.46847611');
INSERT INTO "action" VALUES(10,13,'23375108000000000010','subscribe','1003',NULL,'USDT','16403.4684962','best_band',21,'16503.46857174','499.99992136');
INSERT INTO "action" VALUES(11,18,'23375108000000000011','subscribe','1102',NULL,'USDC','1.31500812','compound',33,'1.31509618','2999.99997226');
INSERT INTO "action" VALUES(12,18,'23375108000000000012','subscribe','1003',NULL,'USDT','1.30987696','compound',34,'101.30990211','16903.46841756');
INSERT INTO "action" VALUES(13,20,'23375108000000000013','subscribe','1004',NULL,'USDT','4000.00001854','best_band',35,'4100.00002515','16904.77829452');
INSERT INTO "action" VALUES(14,22,'23375108000000000014','subscribe','1004',NULL,'USDT','1.21664976','compound',42,'101.21668251','20904.77831306');
INSERT INTO "action" VALUES(15,26,'23375108000000000015','subscribe','1004',NULL,'USDT','1.92905029','compound',50,'101.92912714','20905.99496282');
INSERT INTO "action" VALUES(16,27,'23375108000000000016','redeem','1003','200007','USDT','80','refill',51,'20','20907.92401311');
INSERT INTO "action" VALUES(17,30,'23375108000000000017','subscribe','1004',NULL,'USDT','1.92374811','compound',59,'101.9238316','20827.92401311');
INSERT INTO "action" VALUES(18,34,'23375108000000000018','subscribe','p-SOL',NULL,'SOL','10.5','best_band',60,'1000',NULL);
INSERT INTO "action" VALUES(19,34,'23375108000000000019','subscribe','p-XRP',NULL,'XRP','11','best_band',61,'1000',NULL);
INSERT INTO "action" VALUES(20,34,'23375108000000000020','subscribe','p-ADA',NULL,'ADA','12','best_band',61,'1000',NULL);
INSERT INTO "action" VALUES(21,34,'23375108000000000021','redeem','p-DOT','e-DOT','DOT','13','best_band',61,'1000',NULL);
INSERT INTO "action" VALUES(22,34,'23375108000000000022','subscribe','p-LTC',NULL,'LTC','14','best_band',61,'1000',NULL);
INSERT INTO "action" VALUES(23,35,'23375108000000000023','subscribe','p-TRX',NULL,'TRX','15','best_band',62,'1000',NULL);
INSERT INTO "action" VALUES(24,36,'23375108000000000024','subscribe','p-BCH',NULL,'BCH','16','best_band',63,'1000',NULL);
INSERT INTO "action" VALUES(25,36,'23375108000000000025','subscribe','p-BCH',NULL,'BCH','17','best_band',63,'1000',NULL);
INSERT INTO "action" VALUES(26,36,'23375108000000000026','subscribe','p-ETH',NULL,'ETH','1','probe',63,'1000',NULL);
INSERT INTO "action" VALUES(27,39,'23375108000000000027','subscribe','p-XRP',NULL,'XRP','31','best_band',69,'1000',NULL);
INSERT INTO "action" VALUES(28,39,'23375108000000000028','subscribe','p-ADA',NULL,'ADA','32','best_band',69,'1000',NULL);
INSERT INTO "action" VALUES(29,39,'23375108000000000029','subscribe','p-DOT',NULL,'DOT','33','best_band',69,'1000',NULL);
INSERT INTO "action" VALUES(30,39,'23375108000000000030','subscribe','p-LTC',NULL,'LTC','34','best_band',69,'1000',NULL);
INSERT INTO "action" VALUES(31,39,'23375108000000000031','subscribe','p-TRX',NULL,'TRX','35','best_band',69,'1000',NULL);
CREATE TABLE action_event (        -- one row per state entered
  action_id  INTEGER NOT NULL REFERENCES action,
  seq        INTEGER NOT NULL CHECK (seq >= 0),
  from_seq   INTEGER GENERATED ALWAYS AS (CASE WHEN seq > 0 THEN seq - 1 END) STORED,
  from_state TEXT,
  to_state   TEXT NOT NULL,
  at         TEXT NOT NULL CHECK (at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
  actor      TEXT NOT NULL CHECK (actor IN ('earnd', 'operator')),
  evidence   TEXT CHECK (evidence GLOB '{*}'),  -- JSON: what we were told; no secrets
  attempt    INTEGER,                  -- of `sending`: which one
  record_seq INTEGER,                  -- of `settled` and `late`: the record that proves it
  PRIMARY KEY (action_id, seq),
  UNIQUE (action_id, seq, to_state),
  UNIQUE (action_id, attempt),
  CHECK ((seq = 0) = (from_state IS NULL)),
  CHECK (seq > 0 OR to_state = 'planned'),
  CHECK ((to_state = 'sending') = (attempt IS NOT NULL)),
  CHECK (record_seq IS NULL OR to_state IN ('settled', 'late')),
  CHECK (record_seq IS NOT NULL OR actor = 'operator' OR to_state NOT IN ('settled', 'late')),
  FOREIGN KEY (from_state, to_state) REFERENCES action_transition (from_state, to_state),
  FOREIGN KEY (action_id, from_seq, from_state) REFERENCES action_event (action_id, seq, to_state),
  FOREIGN KEY (action_id, attempt) REFERENCES attempt (action_id, attempt),
  FOREIGN KEY (record_seq, action_id) REFERENCES attribution (record_seq, action_id)
    DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;
INSERT INTO "action_event" VALUES(1,0,NULL,'planned','2026-05-01T00:05:00.000Z','earnd','{"bands":"0.1 at 1.25%; 0.15 at 0.40%","binding":"money","gap_bp":"74","gap_per_year":"0.00185","held":"0","rate":"0.74%","runner_up":"idle","runner_up_rate":"0.00%"}',NULL,NULL);
INSERT INTO "action_event" VALUES(1,1,'planned','sending','2026-05-01T00:05:00.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(1,2,'sending','accepted','2026-05-01T00:05:00.000Z','earnd','{"attempt":"1","code":"1000","outcome":"yes"}',NULL,NULL);
INSERT INTO "action_event" VALUES(1,3,'accepted','settled','2026-05-01T00:05:00.000Z','earnd','{"record_id":"300001","why":"exactly one new record fits"}',NULL,1);
INSERT INTO "action_event" VALUES(2,0,NULL,'planned','2026-05-01T00:05:02.000Z','earnd','{"bands":"3 at 1.80%","binding":"max_per_product","gap_bp":"180","gap_per_year":"0.054","held":"0","rate":"1.80%","runner_up":"idle","runner_up_rate":"0.00%"}',NULL,NULL);
INSERT INTO "action_event" VALUES(2,1,'planned','sending','2026-05-01T00:05:02.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(2,2,'sending','accepted','2026-05-01T00:05:02.000Z','earnd','{"attempt":"1","code":"1000","outcome":"yes"}',NULL,NULL);
INSERT INTO "action_event" VALUES(2,3,'accepted','settled','2026-05-01T00:05:02.000Z','earnd','{"record_id":"300002","why":"exactly one new record fits"}',NULL,2);
INSERT INTO "action_event" VALUES(3,0,NULL,'planned','2026-05-01T00:05:02.000Z','earnd','{"bands":"2000 at 4.50%","binding":"money","gap_bp":"150","gap_per_year":"30","held":"0","rate":"4.50%","runner_up":"1102","runner_up_rate":"3.00%"}',NULL,NULL);
INSERT INTO "action_event" VALUES(3,1,'planned','sending','2026-05-01T00:05:02.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(3,2,'sending','accepted','2026-05-01T00:05:02.000Z','earnd','{"attempt":"1","code":"1000","outcome":"yes"}',NULL,NULL);
INSERT INTO "action_event" VALUES(3,3,'accepted','settled','2026-05-01T00:05:02.000Z','earnd','{"record_id":"300003","why":"exactly one new record fits"}',NULL,3);
INSERT INTO "action_event" VALUES(4,0,NULL,'planned','2026-05-01T00:05:04.000Z','earnd','{"bands":"1000 at 3.00%","binding":"money","gap_bp":"25","gap_per_year":"2.5","held":"0","rate":"3.00%","runner_up":"1101","runner_up_rate":"2.75%"}',NULL,NULL);
INSERT INTO "action_event" VALUES(4,1,'planned','sending','2026-05-01T00:05:04.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(4,2,'sending','accepted','2026-05-01T00:05:04.000Z','earnd','{"attempt":"1","code":"1000","outcome":"yes"}',NULL,NULL);
INSERT INTO "action_event" VALUES(4,3,'accepted','settled','2026-05-01T00:05:04.000Z','earnd','{"record_id":"300004","why":"exactly one new record fits"}',NULL,4);
INSERT INTO "action_event" VALUES(5,0,NULL,'planned','2026-05-01T00:05:04.000Z','earnd','{"bands":"200 at 8.00%; 300 at 6.00%","binding":"money","gap_bp":"330","gap_per_year":"16.5","held":"0","rate":"6.80%","runner_up":"1001","runner_up_rate":"3.50%"}',NULL,NULL);
INSERT INTO "action_event" VALUES(5,1,'planned','sending','2026-05-01T00:05:04.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(5,2,'sending','accepted','2026-05-01T00:05:04.000Z','earnd','{"attempt":"1","code":"1000","outcome":"yes"}',NULL,NULL);
INSERT INTO "action_event" VALUES(5,3,'accepted','settled','2026-05-01T00:05:04.000Z','earnd','{"record_id":"300005","why":"exactly one new record fits"}',NULL,5);
INSERT INTO "action_event" VALUES(6,0,NULL,'planned','2026-05-01T00:05:06.000Z','earnd','{"bands":"10000 at 5.50%; 1400 at 3.50%","binding":"money","gap_bp":"275.43","gap_per_year":"314","held":"0","rate":"5.2543%","runner_up":"1003","runner_up_rate":"2.50%"}',NULL,NULL);
INSERT INTO "action_event" VALUES(6,1,'planned','sending','2026-05-01T00:05:06.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(6,2,'sending','accepted','2026-05-01T00:05:06.000Z','earnd','{"attempt":"1","code":"1000","outcome":"yes"}',NULL,NULL);
INSERT INTO "action_event" VALUES(6,3,'accepted','settled','2026-05-01T00:05:06.000Z','earnd','{"record_id":"300006","why":"exactly one new record fits"}',NULL,6);
INSERT INTO "action_event" VALUES(7,0,NULL,'planned','2026-05-02T06:05:00.000Z','earnd','{"bands":"5001.7343408 at 3.50%","binding":"money","fresh_interest":"1.73424655","gap_bp":"100","gap_per_year":"50.0173434","held":"11399.99998439","rate":"3.50%","runner_up":"1003","runner_up_rate":"2.50%"}',NULL,NULL);
INSERT INTO "action_event" VALUES(7,1,'planned','sending','2026-05-02T06:05:00.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(7,2,'sending','unknown','2026-05-02T06:05:00.000Z','earnd','{"attempt":"1","outcome":"unclear"}',NULL,NULL);
INSERT INTO "action_event" VALUES(7,3,'unknown','settled','2026-05-02T06:05:00.000Z','earnd','{"record_id":"300013","why":"exactly one new record fits"}',NULL,13);
INSERT INTO "action_event" VALUES(8,0,NULL,'planned','2026-05-03T06:05:00.000Z','earnd','{"bands":"1.73429494 at 3.50%","binding":"money","fresh_interest":"1.73424655","gap_bp":"100","gap_per_year":"0.01734294","held":"16401.7342768","rate":"3.50%","runner_up":"1003","runner_up_rate":"2.50%"}',NULL,NULL);
INSERT INTO "action_event" VALUES(8,1,'planned','sending','2026-05-03T06:05:00.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(8,2,'sending','accepted','2026-05-03T06:05:00.000Z','earnd','{"attempt":"1","code":"1000","outcome":"yes"}',NULL,NULL);
INSERT INTO "action_event" VALUES(8,3,'accepted','settled','2026-05-03T06:05:00.000Z','earnd','{"record_id":"300020","why":"exactly one new record fits"}',NULL,20);
INSERT INTO "action_event" VALUES(9,0,NULL,'planned','2026-05-04T00:05:00.000Z','earnd','{"keep":"0","rate":"0.30%","redeem_below_apy":"0.50%"}',NULL,NULL);
INSERT INTO "action_event" VALUES(9,1,'planned','sending','2026-05-04T00:05:00.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(9,2,'sending','accepted','2026-05-04T00:05:00.000Z','earnd','{"attempt":"1","code":"1000","outcome":"yes"}',NULL,NULL);
INSERT INTO "action_event" VALUES(9,3,'accepted','settled','2026-05-04T00:05:00.000Z','earnd','{"record_id":"300021","why":"exactly one new record fits"}',NULL,21);
INSERT INTO "action_event" VALUES(10,0,NULL,'planned','2026-05-04T00:05:02.000Z','earnd','{"bands":"16403.46857174 at 2.50%","binding":"money","gap_bp":"243.9","gap_per_year":"400.08670957","held":"0","rate":"2.50%","runner_up":"1002","runner_up_rate":"2.00%"}',NULL,NULL);
INSERT INTO "action_event" VALUES(10,1,'planned','sending','2026-05-04T00:05:02.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(10,2,'sending','accepted','2026-05-04T00:05:02.000Z','earnd','{"attempt":"1","code":"1000","outcome":"yes"}',NULL,NULL);
INSERT INTO "action_event" VALUES(10,3,'accepted','settled','2026-05-04T00:05:02.000Z','earnd','{"record_id":"300022","why":"exactly one new record fits"}',NULL,22);
INSERT INTO "action_event" VALUES(11,0,NULL,'planned','2026-05-05T06:05:00.000Z','earnd','{"bands":"1.31509618 at 3.00%","binding":"money","fresh_interest":"1.31506844","gap_bp":"24.99","gap_per_year":"0.00328726","held":"999.99999956","rate":"3.00%","runner_up":"1101","runner_up_rate":"2.75%"}',NULL,NULL);
INSERT INTO "action_event" VALUES(11,1,'planned','sending','2026-05-05T06:05:00.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(11,2,'sending','accepted','2026-05-05T06:05:00.000Z','earnd','{"attempt":"1","code":"1000","outcome":"yes"}',NULL,NULL);
INSERT INTO "action_event" VALUES(11,3,'accepted','settled','2026-05-05T06:05:00.000Z','earnd','{"record_id":"300034","why":"exactly one new record fits"}',NULL,34);
INSERT INTO "action_event" VALUES(12,0,NULL,'planned','2026-05-05T06:05:02.000Z','earnd','{"bands":"1.30990211 at 2.50%","binding":"money","fresh_interest":"1.30982657","gap_bp":"250","gap_per_year":"0.03274755","held":"16403.4684962","rate":"2.50%","runner_up":"idle","runner_up_rate":"0.00%"}',NULL,NULL);
INSERT INTO "action_event" VALUES(12,1,'planned','sending','2026-05-05T06:05:02.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(12,2,'sending','accepted','2026-05-05T06:05:02.000Z','earnd','{"attempt":"1","code":"1000","outcome":"yes"}',NULL,NULL);
INSERT INTO "action_event" VALUES(12,3,'accepted','settled','2026-05-05T06:05:02.000Z','earnd','{"record_id":"300035","why":"exactly one new record fits"}',NULL,35);
INSERT INTO "action_event" VALUES(13,0,NULL,'planned','2026-05-05T18:05:00.000Z','earnd','{"bands":"4000.00002515 at 6.50%","binding":"money","gap_bp":"400","gap_per_year":"160.000001","held":"0","rate":"6.50%","runner_up":"1003","runner_up_rate":"2.50%"}',NULL,NULL);
INSERT INTO "action_event" VALUES(13,1,'planned','sending','2026-05-05T18:05:00.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(13,2,'sending','accepted','2026-05-05T18:05:00.000Z','earnd','{"attempt":"1","code":"1000","outcome":"yes"}',NULL,NULL);
INSERT INTO "action_event" VALUES(13,3,'accepted','settled','2026-05-05T18:05:00.000Z','earnd','{"record_id":"300036","why":"exactly one new record fits"}',NULL,36);
INSERT INTO "action_event" VALUES(14,0,NULL,'planned','2026-05-06T06:05:00.000Z','earnd','{"bands":"1.21668251 at 6.50%","binding":"money","fresh_interest":"1.2166759","gap_bp":"400","gap_per_year":"0.0486673","held":"4000.00001854","rate":"6.50%","runner_up":"1003","runner_up_rate":"2.50%"}',NULL,NULL);
INSERT INTO "action_event" VALUES(14,1,'planned','sending','2026-05-06T06:05:00.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(14,2,'sending','accepted','2026-05-06T06:05:00.000Z','earnd','{"attempt":"1","code":"1000","outcome":"yes"}',NULL,NULL);
INSERT INTO "action_event" VALUES(14,3,'accepted','settled','2026-05-06T06:05:00.000Z','earnd','{"record_id":"300043","why":"exactly one new record fits"}',NULL,43);
INSERT INTO "action_event" VALUES(15,0,NULL,'planned','2026-05-07T06:05:00.000Z','earnd','{"bands":"1.92912714 at 6.50%","binding":"money","fresh_interest":"1.92909439","gap_bp":"400","gap_per_year":"0.07716508","held":"4001.2166683","rate":"6.50%","runner_up":"1003","runner_up_rate":"2.50%"}',NULL,NULL);
INSERT INTO "action_event" VALUES(15,1,'planned','sending','2026-05-07T06:05:00.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(15,2,'sending','accepted','2026-05-07T06:05:00.000Z','earnd','{"attempt":"1","code":"1000","outcome":"yes"}',NULL,NULL);
INSERT INTO "action_event" VALUES(15,3,'accepted','settled','2026-05-07T06:05:00.000Z','earnd','{"record_id":"300051","why":"exactly one new record fits"}',NULL,51);
INSERT INTO "action_event" VALUES(16,0,NULL,'planned','2026-05-07T12:05:00.000Z','earnd','{"idle":"20","refill_below":"50","refill_to":"100"}',NULL,NULL);
INSERT INTO "action_event" VALUES(16,1,'planned','sending','2026-05-07T12:05:00.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(16,2,'sending','accepted','2026-05-07T12:05:00.000Z','earnd','{"attempt":"1","code":"1000","outcome":"yes"}',NULL,NULL);
INSERT INTO "action_event" VALUES(16,3,'accepted','settled','2026-05-07T12:05:00.000Z','earnd','{"record_id":"300052","why":"exactly one new record fits"}',NULL,52);
INSERT INTO "action_event" VALUES(17,0,NULL,'planned','2026-05-08T06:05:00.000Z','earnd','{"bands":"1.9238316 at 6.50%","binding":"money","fresh_interest":"1.9238316","gap_bp":"400","gap_per_year":"0.07695326","held":"4003.14571859","rate":"6.50%","runner_up":"1003","runner_up_rate":"2.50%"}',NULL,NULL);
INSERT INTO "action_event" VALUES(17,1,'planned','sending','2026-05-08T06:05:00.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(17,2,'sending','accepted','2026-05-08T06:05:00.000Z','earnd','{"attempt":"1","code":"1000","outcome":"yes"}',NULL,NULL);
INSERT INTO "action_event" VALUES(17,3,'accepted','settled','2026-05-08T06:05:00.000Z','earnd','{"record_id":"300060","why":"exactly one new record fits"}',NULL,60);
INSERT INTO "action_event" VALUES(18,0,NULL,'planned','2026-05-08T18:15:00.000Z','earnd','{"apy":"0.05"}',NULL,NULL);
INSERT INTO "action_event" VALUES(18,1,'planned','sending','2026-05-08T18:15:00.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(18,2,'sending','accepted','2026-05-08T18:15:00.000Z','earnd','{"attempt":"1","code":"1000","outcome":"yes"}',NULL,NULL);
INSERT INTO "action_event" VALUES(18,3,'accepted','settled','2026-05-08T18:15:00.000Z','earnd',NULL,NULL,61);
INSERT INTO "action_event" VALUES(19,0,NULL,'planned','2026-05-08T18:15:00.000Z','earnd','{"apy":"0.05"}',NULL,NULL);
INSERT INTO "action_event" VALUES(19,1,'planned','sending','2026-05-08T18:15:00.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(19,2,'sending','rejected','2026-05-08T18:15:00.000Z','earnd','{"attempt":"1","code":"80006","outcome":"refused"}',NULL,NULL);
INSERT INTO "action_event" VALUES(20,0,NULL,'planned','2026-05-08T18:15:00.000Z','earnd','{"apy":"0.05"}',NULL,NULL);
INSERT INTO "action_event" VALUES(20,1,'planned','sending','2026-05-08T18:15:00.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(20,2,'sending','dropped','2026-05-08T18:15:00.000Z','earnd','{"attempt":"1","outcome":"not_sent"}',NULL,NULL);
INSERT INTO "action_event" VALUES(21,0,NULL,'planned','2026-05-08T18:15:00.000Z','earnd','{"apy":"0.05"}',NULL,NULL);
INSERT INTO "action_event" VALUES(21,1,'planned','dropped','2026-05-08T18:15:00.000Z','earnd',NULL,NULL,NULL);
INSERT INTO "action_event" VALUES(22,0,NULL,'planned','2026-05-08T18:15:00.000Z','earnd','{"apy":"0.05"}',NULL,NULL);
INSERT INTO "action_event" VALUES(22,1,'planned','sending','2026-05-08T18:15:00.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(22,2,'sending','unknown','2026-05-08T18:15:00.000Z','earnd','{"attempt":"1","outcome":"unclear"}',NULL,NULL);
INSERT INTO "action_event" VALUES(22,3,'unknown','sending','2026-05-08T18:16:00.000Z','earnd',NULL,2,NULL);
INSERT INTO "action_event" VALUES(22,4,'sending','unknown','2026-05-08T18:16:00.000Z','earnd','{"attempt":"2","code":"80013","outcome":"seen"}',NULL,NULL);
INSERT INTO "action_event" VALUES(22,5,'unknown','settled','2026-05-08T18:16:00.000Z','earnd',NULL,NULL,62);
INSERT INTO "action_event" VALUES(23,0,NULL,'planned','2026-05-08T18:16:00.000Z','earnd','{"apy":"0.05"}',NULL,NULL);
INSERT INTO "action_event" VALUES(23,1,'planned','sending','2026-05-08T18:16:00.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(23,2,'sending','unknown','2026-05-08T18:16:00.000Z','earnd','{"attempt":"1","outcome":"unclear"}',NULL,NULL);
INSERT INTO "action_event" VALUES(23,3,'unknown','rejected','2026-05-08T18:16:00.000Z','earnd',NULL,NULL,NULL);
INSERT INTO "action_event" VALUES(23,4,'rejected','late','2026-05-08T20:16:00.000Z','earnd',NULL,NULL,63);
INSERT INTO "action_event" VALUES(24,0,NULL,'planned','2026-05-08T20:16:00.000Z','earnd','{"apy":"0.05"}',NULL,NULL);
INSERT INTO "action_event" VALUES(24,1,'planned','sending','2026-05-08T20:16:00.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(24,2,'sending','accepted','2026-05-08T20:16:00.000Z','earnd','{"attempt":"1","code":"1000","outcome":"yes"}',NULL,NULL);
INSERT INTO "action_event" VALUES(24,3,'accepted','needs_operator','2026-05-08T20:16:00.000Z','earnd',NULL,NULL,NULL);
INSERT INTO "action_event" VALUES(24,4,'needs_operator','settled','2026-05-08T20:16:00.000Z','operator','{"because":"seen on the page","who":"ann"}',NULL,NULL);
INSERT INTO "action_event" VALUES(25,0,NULL,'planned','2026-05-08T20:16:00.000Z','earnd','{"apy":"0.05"}',NULL,NULL);
INSERT INTO "action_event" VALUES(25,1,'planned','sending','2026-05-08T20:16:00.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(25,2,'sending','accepted','2026-05-08T20:16:00.000Z','earnd','{"attempt":"1","code":"1000","outcome":"yes"}',NULL,NULL);
INSERT INTO "action_event" VALUES(25,3,'accepted','needs_operator','2026-05-08T20:16:00.000Z','earnd',NULL,NULL,NULL);
INSERT INTO "action_event" VALUES(25,4,'needs_operator','rejected','2026-05-08T20:16:00.000Z','operator','{"because":"seen on the page","who":"ann"}',NULL,NULL);
INSERT INTO "action_event" VALUES(26,0,NULL,'planned','2026-05-08T20:16:00.000Z','earnd','{"apy":"0.05"}',NULL,NULL);
INSERT INTO "action_event" VALUES(26,1,'planned','sending','2026-05-08T20:16:00.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(26,2,'sending','accepted','2026-05-08T20:16:00.000Z','earnd','{"attempt":"1","code":"1000","outcome":"yes"}',NULL,NULL);
INSERT INTO "action_event" VALUES(26,3,'accepted','settled','2026-05-08T20:16:00.000Z','earnd',NULL,NULL,64);
INSERT INTO "action_event" VALUES(27,0,NULL,'planned','2026-05-17T21:21:00.000Z','earnd','{"apy":"0.05"}',NULL,NULL);
INSERT INTO "action_event" VALUES(27,1,'planned','sending','2026-05-17T21:21:00.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(27,2,'sending','unknown','2026-05-17T21:21:00.000Z','earnd','{"attempt":"1","outcome":"unclear"}',NULL,NULL);
INSERT INTO "action_event" VALUES(27,3,'unknown','needs_operator','2026-05-17T21:21:00.000Z','earnd',NULL,NULL,NULL);
INSERT INTO "action_event" VALUES(28,0,NULL,'planned','2026-05-17T21:21:00.000Z','earnd','{"apy":"0.05"}',NULL,NULL);
INSERT INTO "action_event" VALUES(29,0,NULL,'planned','2026-05-17T21:21:00.000Z','earnd','{"apy":"0.05"}',NULL,NULL);
INSERT INTO "action_event" VALUES(29,1,'planned','sending','2026-05-17T21:21:00.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(30,0,NULL,'planned','2026-05-17T21:21:00.000Z','earnd','{"apy":"0.05"}',NULL,NULL);
INSERT INTO "action_event" VALUES(30,1,'planned','sending','2026-05-17T21:21:00.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(30,2,'sending','unknown','2026-05-17T21:21:00.000Z','earnd','{"attempt":"1","outcome":"unclear"}',NULL,NULL);
INSERT INTO "action_event" VALUES(31,0,NULL,'planned','2026-05-17T21:21:00.000Z','earnd','{"apy":"0.05"}',NULL,NULL);
INSERT INTO "action_event" VALUES(31,1,'planned','sending','2026-05-17T21:21:00.000Z','earnd',NULL,1,NULL);
INSERT INTO "action_event" VALUES(31,2,'sending','accepted','2026-05-17T21:21:00.000Z','earnd','{"attempt":"1","code":"1000","outcome":"yes"}',NULL,NULL);
CREATE TABLE action_look (         -- a complete look at the history that did not find it
  action_look_id INTEGER PRIMARY KEY AUTOINCREMENT,
  action_id INTEGER NOT NULL REFERENCES action,
  cycle_id  INTEGER NOT NULL REFERENCES cycle,
  at        TEXT NOT NULL CHECK (at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z')
) STRICT;
INSERT INTO "action_look" VALUES(1,22,34,'2026-05-08T18:15:00.000Z');
CREATE TABLE action_transition (   -- the state machine: the only steps an action can take
  from_state TEXT NOT NULL,
  to_state   TEXT NOT NULL,
  PRIMARY KEY (from_state, to_state)
) STRICT, WITHOUT ROWID;
INSERT INTO "action_transition" VALUES('accepted','needs_operator');
INSERT INTO "action_transition" VALUES('accepted','settled');
INSERT INTO "action_transition" VALUES('dropped','late');
INSERT INTO "action_transition" VALUES('needs_operator','rejected');
INSERT INTO "action_transition" VALUES('needs_operator','settled');
INSERT INTO "action_transition" VALUES('planned','dropped');
INSERT INTO "action_transition" VALUES('planned','sending');
INSERT INTO "action_transition" VALUES('rejected','late');
INSERT INTO "action_transition" VALUES('sending','accepted');
INSERT INTO "action_transition" VALUES('sending','dropped');
INSERT INTO "action_transition" VALUES('sending','rejected');
INSERT INTO "action_transition" VALUES('sending','settled');
INSERT INTO "action_transition" VALUES('sending','unknown');
INSERT INTO "action_transition" VALUES('unknown','accepted');
INSERT INTO "action_transition" VALUES('unknown','needs_operator');
INSERT INTO "action_transition" VALUES('unknown','rejected');
INSERT INTO "action_transition" VALUES('unknown','sending');
INSERT INTO "action_transition" VALUES('unknown','settled');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0006');
CREATE TABLE attempt (             -- one sending of one action's request; committed before
                                    -- anything leaves, together with the event `sending`
  action_id INTEGER NOT NULL REFERENCES action,
  attempt   INTEGER NOT NULL CHECK (attempt >= 1),
  sent_at   TEXT NOT NULL CHECK (sent_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
  request   TEXT NOT NULL,             -- method, path and body; no secrets
  PRIMARY KEY (action_id, attempt),
  FOREIGN KEY (action_id, attempt) REFERENCES action_event (action_id, attempt)
    DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;
INSERT INTO "attempt" VALUES(1,1,'2026-05-01T00:05:00.000Z','POST /newearn/cloud/v1/saving/subscribe {"productId":"1201","amount":"0.24999845","requestNo":"23375108000000000001"}');
INSERT INTO "attempt" VALUES(2,1,'2026-05-01T00:05:02.000Z','POST /newearn/cloud/v1/saving/subscribe {"productId":"1301","amount":"2.99997096","requestNo":"23375108000000000002"}');
INSERT INTO "attempt" VALUES(3,1,'2026-05-01T00:05:02.000Z','POST /newearn/cloud/v1/saving/subscribe {"productId":"1101","amount":"1999.9999727","requestNo":"23375108000000000003"}');
INSERT INTO "attempt" VALUES(4,1,'2026-05-01T00:05:04.000Z','POST /newearn/cloud/v1/saving/subscribe {"productId":"1102","amount":"999.99999956","requestNo":"23375108000000000004"}');
INSERT INTO "attempt" VALUES(5,1,'2026-05-01T00:05:04.000Z','POST /newearn/cloud/v1/saving/subscribe {"productId":"1002","amount":"499.99992136","requestNo":"23375108000000000005"}');
INSERT INTO "attempt" VALUES(6,1,'2026-05-01T00:05:06.000Z','POST /newearn/cloud/v1/saving/subscribe {"productId":"1001","amount":"11399.99998439","requestNo":"23375108000000000006"}');
INSERT INTO "attempt" VALUES(7,1,'2026-05-02T06:05:00.000Z','POST /newearn/cloud/v1/saving/subscribe {"productId":"1001","amount":"5001.73429241","requestNo":"23375108000000000007"}');
INSERT INTO "attempt" VALUES(8,1,'2026-05-03T06:05:00.000Z','POST /newearn/cloud/v1/saving/subscribe {"productId":"1001","amount":"1.73427795","requestNo":"23375108000000000008"}');
INSERT INTO "attempt" VALUES(9,1,'2026-05-04T00:05:00.000Z','POST /newearn/cloud/v1/saving/redeem {"earnId":"200006","amount":"16403.46855475","requestNo":"23375108000000000009"}');
INSERT INTO "attempt" VALUES(10,1,'2026-05-04T00:05:02.000Z','POST /newearn/cloud/v1/saving/subscribe {"productId":"1003","amount":"16403.4684962","requestNo":"23375108000000000010"}');
INSERT INTO "attempt" VALUES(11,1,'2026-05-05T06:05:00.000Z','POST /newearn/cloud/v1/saving/subscribe {"productId":"1102","amount":"1.31500812","requestNo":"23375108000000000011"}');
INSERT INTO "attempt" VALUES(12,1,'2026-05-05T06:05:02.000Z','POST /newearn/cloud/v1/saving/subscribe {"productId":"1003","amount":"1.30987696","requestNo":"23375108000000000012"}');
INSERT INTO "attempt" VALUES(13,1,'2026-05-05T18:05:00.000Z','POST /newearn/cloud/v1/saving/subscribe {"productId":"1004","amount":"4000.00001854","requestNo":"23375108000000000013"}');
INSERT INTO "attempt" VALUES(14,1,'2026-05-06T06:05:00.000Z','POST /newearn/cloud/v1/saving/subscribe {"productId":"1004","amount":"1.21664976","requestNo":"23375108000000000014"}');
INSERT INTO "attempt" VALUES(15,1,'2026-05-07T06:05:00.000Z','POST /newearn/cloud/v1/saving/subscribe {"productId":"1004","amount":"1.92905029","requestNo":"23375108000000000015"}');
INSERT INTO "attempt" VALUES(16,1,'2026-05-07T12:05:00.000Z','POST /newearn/cloud/v1/saving/redeem {"earnId":"200007","amount":"80","requestNo":"23375108000000000016"}');
INSERT INTO "attempt" VALUES(17,1,'2026-05-08T06:05:00.000Z','POST /newearn/cloud/v1/saving/subscribe {"productId":"1004","amount":"1.92374811","requestNo":"23375108000000000017"}');
INSERT INTO "attempt" VALUES(18,1,'2026-05-08T18:15:00.000Z','POST /x 23375108000000000018');
INSERT INTO "attempt" VALUES(19,1,'2026-05-08T18:15:00.000Z','POST /x 23375108000000000019');
INSERT INTO "attempt" VALUES(20,1,'2026-05-08T18:15:00.000Z','POST /x 23375108000000000020');
INSERT INTO "attempt" VALUES(22,1,'2026-05-08T18:15:00.000Z','POST /x 23375108000000000022');
INSERT INTO "attempt" VALUES(22,2,'2026-05-08T18:16:00.000Z','POST /x 23375108000000000022');
INSERT INTO "attempt" VALUES(23,1,'2026-05-08T18:16:00.000Z','POST /x 23375108000000000023');
INSERT INTO "attempt" VALUES(24,1,'2026-05-08T20:16:00.000Z','POST /x 23375108000000000024');
INSERT INTO "attempt" VALUES(25,1,'2026-05-08T20:16:00.000Z','POST /x 23375108000000000025');
INSERT INTO "attempt" VALUES(26,1,'2026-05-08T20:16:00.000Z','POST /x 23375108000000000026');
INSERT INTO "attempt" VALUES(27,1,'2026-05-17T21:21:00.000Z','POST /x 23375108000000000027');
INSERT INTO "attempt" VALUES(29,1,'2026-05-17T21:21:00.000Z','POST /x 23375108000000000029');
INSERT INTO "attempt" VALUES(30,1,'2026-05-17T21:21:00.000Z','POST /x 23375108000000000030');
INSERT INTO "attempt" VALUES(31,1,'2026-05-17T21:21:00.000Z','POST /x 23375108000000000031');
CREATE TABLE attempt_answer (      -- what came back; no row: nothing, or we died waiting
  action_id   INTEGER NOT NULL,
  attempt     INTEGER NOT NULL,
  answered_at TEXT NOT NULL CHECK (answered_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
  latency_ms  INTEGER NOT NULL,
  outcome     TEXT NOT NULL
              CHECK (outcome IN ('not_sent', 'yes', 'seen', 'refused', 'not_executed', 'unclear')),
  http_status INTEGER,
  code        INTEGER,                 -- the exchange's own
  message     TEXT,
  trace       TEXT,                    -- what to quote to the exchange's support
  consequence TEXT NOT NULL CHECK (consequence GLOB '[a-z]*' AND consequence NOT GLOB '*[^a-z0-9_]*'),  -- beyond this action
  detail      TEXT NOT NULL,           -- what was received, in a sentence
  PRIMARY KEY (action_id, attempt),
  FOREIGN KEY (action_id, attempt) REFERENCES attempt (action_id, attempt)
) STRICT, WITHOUT ROWID;
INSERT INTO "attempt_answer" VALUES(1,1,'2026-05-01T00:05:00.000Z',5,'yes',200,1000,'OK','0e6fbc21-e3a0-4465-8acf-00000000000f','none','The exchange said yes.');
INSERT INTO "attempt_answer" VALUES(2,1,'2026-05-01T00:05:02.000Z',3,'yes',200,1000,'OK','0e6fbc21-e3a0-4465-8acf-000000000017','none','The exchange said yes.');
INSERT INTO "attempt_answer" VALUES(3,1,'2026-05-01T00:05:02.000Z',4,'yes',200,1000,'OK','0e6fbc21-e3a0-4465-8acf-00000000001f','none','The exchange said yes.');
INSERT INTO "attempt_answer" VALUES(4,1,'2026-05-01T00:05:04.000Z',4,'yes',200,1000,'OK','0e6fbc21-e3a0-4465-8acf-000000000027','none','The exchange said yes.');
INSERT INTO "attempt_answer" VALUES(5,1,'2026-05-01T00:05:04.000Z',4,'yes',200,1000,'OK','0e6fbc21-e3a0-4465-8acf-00000000002f','none','The exchange said yes.');
INSERT INTO "attempt_answer" VALUES(6,1,'2026-05-01T00:05:06.000Z',6,'yes',200,1000,'OK','0e6fbc21-e3a0-4465-8acf-000000000037','none','The exchange said yes.');
INSERT INTO "attempt_answer" VALUES(7,1,'2026-05-02T06:05:00.000Z',4,'unclear',NULL,NULL,NULL,NULL,'next_cycle','It may have been carried out: the exchange hung up without a reply.');
INSERT INTO "attempt_answer" VALUES(8,1,'2026-05-03T06:05:00.000Z',5,'yes',200,1000,'OK','0e6fbc21-e3a0-4465-8acf-0000000000a9','none','The exchange said yes.');
INSERT INTO "attempt_answer" VALUES(9,1,'2026-05-04T00:05:00.000Z',3,'yes',200,1000,'OK','0e6fbc21-e3a0-4465-8acf-0000000000d4','none','The exchange said yes.');
INSERT INTO "attempt_answer" VALUES(10,1,'2026-05-04T00:05:02.000Z',4,'yes',200,1000,'OK','0e6fbc21-e3a0-4465-8acf-0000000000e4','none','The exchange said yes.');
INSERT INTO "attempt_answer" VALUES(11,1,'2026-05-05T06:05:00.000Z',4,'yes',200,1000,'OK','0e6fbc21-e3a0-4465-8acf-000000000121','none','The exchange said yes.');
INSERT INTO "attempt_answer" VALUES(12,1,'2026-05-05T06:05:02.000Z',3,'yes',200,1000,'OK','0e6fbc21-e3a0-4465-8acf-000000000129','none','The exchange said yes.');
INSERT INTO "attempt_answer" VALUES(13,1,'2026-05-05T18:05:00.000Z',8,'yes',200,1000,'OK','0e6fbc21-e3a0-4465-8acf-00000000014b','none','The exchange said yes.');
INSERT INTO "attempt_answer" VALUES(14,1,'2026-05-06T06:05:00.000Z',4,'yes',200,1000,'OK','0e6fbc21-e3a0-4465-8acf-00000000016d','none','The exchange said yes.');
INSERT INTO "attempt_answer" VALUES(15,1,'2026-05-07T06:05:00.000Z',7,'yes',200,1000,'OK','0e6fbc21-e3a0-4465-8acf-0000000001a1','none','The exchange said yes.');
INSERT INTO "attempt_answer" VALUES(16,1,'2026-05-07T12:05:00.000Z',3,'yes',200,1000,'OK','0e6fbc21-e3a0-4465-8acf-0000000001ba','none','The exchange said yes.');
INSERT INTO "attempt_answer" VALUES(17,1,'2026-05-08T06:05:00.000Z',6,'yes',200,1000,'OK','0e6fbc21-e3a0-4465-8acf-0000000001ed','none','The exchange said yes.');
INSERT INTO "attempt_answer" VALUES(18,1,'2026-05-08T18:15:00.000Z',120,'yes',200,1000,NULL,'t-1','none','as received');
INSERT INTO "attempt_answer" VALUES(19,1,'2026-05-08T18:15:00.000Z',120,'refused',400,80006,'over the limit · ''quoted''','t-2','hold_product','as received');
INSERT INTO "attempt_answer" VALUES(20,1,'2026-05-08T18:15:00.000Z',120,'not_sent',NULL,NULL,NULL,NULL,'none','as received');
INSERT INTO "attempt_answer" VALUES(22,1,'2026-05-08T18:15:00.000Z',120,'unclear',NULL,NULL,NULL,NULL,'none','as received');
INSERT INTO "attempt_answer" VALUES(22,2,'2026-05-08T18:16:00.000Z',120,'seen',400,80013,NULL,NULL,'none','as received');
INSERT INTO "attempt_answer" VALUES(23,1,'2026-05-08T18:16:00.000Z',120,'unclear',NULL,NULL,NULL,NULL,'none','as received');
INSERT INTO "attempt_answer" VALUES(24,1,'2026-05-08T20:16:00.000Z',120,'yes',200,1000,NULL,'t-3','none','as received');
INSERT INTO "attempt_answer" VALUES(25,1,'2026-05-08T20:16:00.000Z',120,'yes',200,1000,NULL,'t-3','none','as received');
INSERT INTO "attempt_answer" VALUES(26,1,'2026-05-08T20:16:00.000Z',120,'yes',200,1000,NULL,'t-1','none','as received');
INSERT INTO "attempt_answer" VALUES(27,1,'2026-05-17T21:21:00.000Z',120,'unclear',NULL,NULL,NULL,NULL,'none','as received');
INSERT INTO "attempt_answer" VALUES(30,1,'2026-05-17T21:21:00.000Z',120,'unclear',502,NULL,NULL,NULL,'none','as received');
INSERT INTO "attempt_answer" VALUES(31,1,'2026-05-17T21:21:00.000Z',120,'yes',200,1000,NULL,NULL,'none','as received');
CREATE TABLE attribution (         -- whose doing a record is; no row: unexplained
  record_seq    INTEGER PRIMARY KEY REFERENCES record_seen,
  attributed_to TEXT NOT NULL
                CHECK (attributed_to IN ('earnd', 'interest', 'auto_subscribe', 'person')),
  action_id     INTEGER UNIQUE REFERENCES action,  -- an action explains one record at most
  cycle_id      INTEGER REFERENCES cycle,  -- NULL: said by a person, between cycles
  at            TEXT NOT NULL CHECK (at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
  UNIQUE (record_seq, action_id),
  CHECK ((attributed_to = 'earnd') = (action_id IS NOT NULL))
) STRICT;
INSERT INTO "attribution" VALUES(1,'earnd',1,1,'2026-05-01T00:05:00.000Z');
INSERT INTO "attribution" VALUES(2,'earnd',2,1,'2026-05-01T00:05:02.000Z');
INSERT INTO "attribution" VALUES(3,'earnd',3,1,'2026-05-01T00:05:02.000Z');
INSERT INTO "attribution" VALUES(4,'earnd',4,1,'2026-05-01T00:05:04.000Z');
INSERT INTO "attribution" VALUES(5,'earnd',5,1,'2026-05-01T00:05:04.000Z');
INSERT INTO "attribution" VALUES(6,'earnd',6,1,'2026-05-01T00:05:06.000Z');
INSERT INTO "attribution" VALUES(7,'interest',NULL,6,'2026-05-02T06:05:00.000Z');
INSERT INTO "attribution" VALUES(8,'interest',NULL,6,'2026-05-02T06:05:00.000Z');
INSERT INTO "attribution" VALUES(9,'interest',NULL,6,'2026-05-02T06:05:00.000Z');
INSERT INTO "attribution" VALUES(10,'interest',NULL,6,'2026-05-02T06:05:00.000Z');
INSERT INTO "attribution" VALUES(11,'interest',NULL,6,'2026-05-02T06:05:00.000Z');
INSERT INTO "attribution" VALUES(12,'interest',NULL,6,'2026-05-02T06:05:00.000Z');
INSERT INTO "attribution" VALUES(13,'earnd',7,6,'2026-05-02T06:05:00.000Z');
INSERT INTO "attribution" VALUES(14,'interest',NULL,10,'2026-05-03T06:05:00.000Z');
INSERT INTO "attribution" VALUES(15,'interest',NULL,10,'2026-05-03T06:05:00.000Z');
INSERT INTO "attribution" VALUES(16,'interest',NULL,10,'2026-05-03T06:05:00.000Z');
INSERT INTO "attribution" VALUES(17,'interest',NULL,10,'2026-05-03T06:05:00.000Z');
INSERT INTO "attribution" VALUES(18,'interest',NULL,10,'2026-05-03T06:05:00.000Z');
INSERT INTO "attribution" VALUES(19,'interest',NULL,10,'2026-05-03T06:05:00.000Z');
INSERT INTO "attribution" VALUES(20,'earnd',8,10,'2026-05-03T06:05:00.000Z');
INSERT INTO "attribution" VALUES(21,'earnd',9,13,'2026-05-04T00:05:00.000Z');
INSERT INTO "attribution" VALUES(22,'earnd',10,13,'2026-05-04T00:05:02.000Z');
INSERT INTO "attribution" VALUES(23,'interest',NULL,14,'2026-05-04T06:05:00.000Z');
INSERT INTO "attribution" VALUES(24,'interest',NULL,14,'2026-05-04T06:05:00.000Z');
INSERT INTO "attribution" VALUES(25,'interest',NULL,14,'2026-05-04T06:05:00.000Z');
INSERT INTO "attribution" VALUES(26,'interest',NULL,14,'2026-05-04T06:05:00.000Z');
INSERT INTO "attribution" VALUES(27,'interest',NULL,14,'2026-05-04T06:05:00.000Z');
INSERT INTO "attribution" VALUES(28,'interest',NULL,18,'2026-05-05T06:05:00.000Z');
INSERT INTO "attribution" VALUES(29,'interest',NULL,18,'2026-05-05T06:05:00.000Z');
INSERT INTO "attribution" VALUES(30,'interest',NULL,18,'2026-05-05T06:05:00.000Z');
INSERT INTO "attribution" VALUES(31,'interest',NULL,18,'2026-05-05T06:05:00.000Z');
INSERT INTO "attribution" VALUES(32,'interest',NULL,18,'2026-05-05T06:05:00.000Z');
INSERT INTO "attribution" VALUES(33,'interest',NULL,18,'2026-05-05T06:05:00.000Z');
INSERT INTO "attribution" VALUES(34,'earnd',11,18,'2026-05-05T06:05:00.000Z');
INSERT INTO "attribution" VALUES(35,'earnd',12,18,'2026-05-05T06:05:02.000Z');
INSERT INTO "attribution" VALUES(36,'earnd',13,20,'2026-05-05T18:05:00.000Z');
INSERT INTO "attribution" VALUES(37,'interest',NULL,22,'2026-05-06T06:05:00.000Z');
INSERT INTO "attribution" VALUES(38,'interest',NULL,22,'2026-05-06T06:05:00.000Z');
INSERT INTO "attribution" VALUES(39,'interest',NULL,22,'2026-05-06T06:05:00.000Z');
INSERT INTO "attribution" VALUES(40,'interest',NULL,22,'2026-05-06T06:05:00.000Z');
INSERT INTO "attribution" VALUES(41,'interest',NULL,22,'2026-05-06T06:05:00.000Z');
INSERT INTO "attribution" VALUES(42,'interest',NULL,22,'2026-05-06T06:05:00.000Z');
INSERT INTO "attribution" VALUES(43,'earnd',14,22,'2026-05-06T06:05:00.000Z');
INSERT INTO "attribution" VALUES(44,'interest',NULL,26,'2026-05-07T06:05:00.000Z');
INSERT INTO "attribution" VALUES(45,'interest',NULL,26,'2026-05-07T06:05:00.000Z');
INSERT INTO "attribution" VALUES(46,'interest',NULL,26,'2026-05-07T06:05:00.000Z');
INSERT INTO "attribution" VALUES(47,'interest',NULL,26,'2026-05-07T06:05:00.000Z');
INSERT INTO "attribution" VALUES(48,'interest',NULL,26,'2026-05-07T06:05:00.000Z');
INSERT INTO "attribution" VALUES(49,'interest',NULL,26,'2026-05-07T06:05:00.000Z');
INSERT INTO "attribution" VALUES(50,'interest',NULL,26,'2026-05-07T06:05:00.000Z');
INSERT INTO "attribution" VALUES(51,'earnd',15,26,'2026-05-07T06:05:00.000Z');
INSERT INTO "attribution" VALUES(52,'earnd',16,27,'2026-05-07T12:05:00.000Z');
INSERT INTO "attribution" VALUES(53,'interest',NULL,30,'2026-05-08T06:05:00.000Z');
INSERT INTO "attribution" VALUES(54,'interest',NULL,30,'2026-05-08T06:05:00.000Z');
INSERT INTO "attribution" VALUES(55,'interest',NULL,30,'2026-05-08T06:05:00.000Z');
INSERT INTO "attribution" VALUES(56,'interest',NULL,30,'2026-05-08T06:05:00.000Z');
INSERT INTO "attribution" VALUES(57,'interest',NULL,30,'2026-05-08T06:05:00.000Z');
INSERT INTO "attribution" VALUES(58,'interest',NULL,30,'2026-05-08T06:05:00.000Z');
INSERT INTO "attribution" VALUES(59,'interest',NULL,30,'2026-05-08T06:05:00.000Z');
INSERT INTO "attribution" VALUES(60,'earnd',17,30,'2026-05-08T06:05:00.000Z');
INSERT INTO "attribution" VALUES(61,'earnd',18,34,'2026-05-08T18:15:00.000Z');
INSERT INTO "attribution" VALUES(62,'earnd',22,35,'2026-05-08T18:16:00.000Z');
INSERT INTO "attribution" VALUES(63,'earnd',23,36,'2026-05-08T20:16:00.000Z');
INSERT INTO "attribution" VALUES(64,'earnd',26,36,'2026-05-08T20:16:00.000Z');
INSERT INTO "attribution" VALUES(65,'person',NULL,38,'2026-05-08T21:21:00.000Z');
INSERT INTO "attribution" VALUES(66,'auto_subscribe',NULL,38,'2026-05-08T21:21:00.000Z');
INSERT INTO "attribution" VALUES(68,'person',NULL,38,'2026-05-08T21:21:00.000Z');
INSERT INTO "attribution" VALUES(69,'interest',NULL,38,'2026-05-08T21:21:00.000Z');
CREATE TABLE balance_seen (        -- the wallet; a coin that is gone has 0
  balance_seen_id INTEGER PRIMARY KEY AUTOINCREMENT,
  cycle_id  INTEGER NOT NULL REFERENCES cycle,
  seen_at   TEXT NOT NULL CHECK (seen_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
  coin      TEXT NOT NULL,
  available TEXT NOT NULL,
  frozen    TEXT NOT NULL,
  CHECK (available GLOB '[0-9]*' AND available NOT GLOB '*[^0-9.]*' AND available NOT GLOB '*.*.*'
         AND available NOT GLOB '0[0-9]*' AND available NOT GLOB '*.' AND available NOT GLOB '*.*0'
         AND instr(available || '.', '.') <= 21 AND length(available) - instr(available || '.', '.') <= 18),
  CHECK (frozen GLOB '[0-9]*' AND frozen NOT GLOB '*[^0-9.]*' AND frozen NOT GLOB '*.*.*'
         AND frozen NOT GLOB '0[0-9]*' AND frozen NOT GLOB '*.' AND frozen NOT GLOB '*.*0'
         AND instr(frozen || '.', '.') <= 21 AND length(frozen) - instr(frozen || '.', '.') <= 18)
) STRICT;
INSERT INTO "balance_seen" VALUES(1,1,'2026-05-01T00:05:00.000Z','BTC','0.25','0');
INSERT INTO "balance_seen" VALUES(2,1,'2026-05-01T00:05:00.000Z','ETH','4','0');
INSERT INTO "balance_seen" VALUES(3,1,'2026-05-01T00:05:00.000Z','USDC','3000','0');
INSERT INTO "balance_seen" VALUES(4,1,'2026-05-01T00:05:00.000Z','USDT','12000','0');
INSERT INTO "balance_seen" VALUES(5,1,'2026-05-01T00:05:02.000Z','BTC','0.00000155','0');
INSERT INTO "balance_seen" VALUES(6,1,'2026-05-01T00:05:02.000Z','ETH','1.00002904','0');
INSERT INTO "balance_seen" VALUES(7,1,'2026-05-01T00:05:04.000Z','USDC','1000.0000273','0');
INSERT INTO "balance_seen" VALUES(8,1,'2026-05-01T00:05:04.000Z','USDC','0.00002774','0');
INSERT INTO "balance_seen" VALUES(9,1,'2026-05-01T00:05:06.000Z','USDT','11500.00007864','0');
INSERT INTO "balance_seen" VALUES(10,1,'2026-05-01T00:05:06.000Z','USDT','100.00009425','0');
INSERT INTO "balance_seen" VALUES(11,6,'2026-05-02T06:05:00.000Z','BTC','0.00000661','0');
INSERT INTO "balance_seen" VALUES(12,6,'2026-05-02T06:05:00.000Z','ETH','1.00017698','0');
INSERT INTO "balance_seen" VALUES(13,6,'2026-05-02T06:05:00.000Z','USDC','0.32879485','0');
INSERT INTO "balance_seen" VALUES(14,6,'2026-05-02T06:05:00.000Z','USDT','5101.7343408','0');
INSERT INTO "balance_seen" VALUES(15,6,'2026-05-02T06:05:00.000Z','USDT','100.00004839','0');
INSERT INTO "balance_seen" VALUES(16,10,'2026-05-03T06:05:00.000Z','BTC','0.00001167','0');
INSERT INTO "balance_seen" VALUES(17,10,'2026-05-03T06:05:00.000Z','ETH','1.00032492','0');
INSERT INTO "balance_seen" VALUES(18,10,'2026-05-03T06:05:00.000Z','USDC','0.65756196','0');
INSERT INTO "balance_seen" VALUES(19,10,'2026-05-03T06:05:00.000Z','USDT','101.73429494','0');
INSERT INTO "balance_seen" VALUES(20,10,'2026-05-03T06:05:00.000Z','USDT','100.00001699','0');
INSERT INTO "balance_seen" VALUES(21,13,'2026-05-04T00:05:00.000Z','USDT','16503.46857174','0');
INSERT INTO "balance_seen" VALUES(22,13,'2026-05-04T00:05:02.000Z','USDT','100.00007554','0');
INSERT INTO "balance_seen" VALUES(23,14,'2026-05-04T06:05:00.000Z','BTC','0.00001673','0');
INSERT INTO "balance_seen" VALUES(24,14,'2026-05-04T06:05:00.000Z','ETH','1.00047286','0');
INSERT INTO "balance_seen" VALUES(25,14,'2026-05-04T06:05:00.000Z','USDC','0.98632907','0');
INSERT INTO "balance_seen" VALUES(26,14,'2026-05-04T06:05:00.000Z','USDT','100.09322621','0');
INSERT INTO "balance_seen" VALUES(27,18,'2026-05-05T06:05:00.000Z','BTC','0.00002179','0');
INSERT INTO "balance_seen" VALUES(28,18,'2026-05-05T06:05:00.000Z','ETH','1.0006208','0');
INSERT INTO "balance_seen" VALUES(29,18,'2026-05-05T06:05:00.000Z','USDC','1.31509618','0');
INSERT INTO "balance_seen" VALUES(30,18,'2026-05-05T06:05:00.000Z','USDT','101.30990211','0');
INSERT INTO "balance_seen" VALUES(31,18,'2026-05-05T06:05:02.000Z','USDC','0.00008806','0');
INSERT INTO "balance_seen" VALUES(32,18,'2026-05-05T06:05:02.000Z','USDT','100.00002515','0');
INSERT INTO "balance_seen" VALUES(33,20,'2026-05-05T18:05:00.000Z','USDT','4100.00002515','0');
INSERT INTO "balance_seen" VALUES(34,20,'2026-05-05T18:05:00.000Z','USDT','100.00000661','0');
INSERT INTO "balance_seen" VALUES(35,22,'2026-05-06T06:05:00.000Z','BTC','0.00002685','0');
INSERT INTO "balance_seen" VALUES(36,22,'2026-05-06T06:05:00.000Z','ETH','1.00076874','0');
INSERT INTO "balance_seen" VALUES(37,22,'2026-05-06T06:05:00.000Z','USDC','0.32885517','0');
INSERT INTO "balance_seen" VALUES(38,22,'2026-05-06T06:05:00.000Z','USDT','101.21668251','0');
INSERT INTO "balance_seen" VALUES(39,22,'2026-05-06T06:05:00.000Z','USDT','100.00003275','0');
INSERT INTO "balance_seen" VALUES(40,26,'2026-05-07T06:05:00.000Z','BTC','0.00003191','0');
INSERT INTO "balance_seen" VALUES(41,26,'2026-05-07T06:05:00.000Z','ETH','1.00091668','0');
INSERT INTO "balance_seen" VALUES(42,26,'2026-05-07T06:05:00.000Z','USDC','0.65773036','0');
INSERT INTO "balance_seen" VALUES(43,26,'2026-05-07T06:05:00.000Z','USDT','101.92912714','0');
INSERT INTO "balance_seen" VALUES(44,26,'2026-05-07T06:05:00.000Z','USDT','100.00007685','0');
INSERT INTO "balance_seen" VALUES(45,27,'2026-05-07T12:05:00.000Z','USDT','20','0');
INSERT INTO "balance_seen" VALUES(46,27,'2026-05-07T12:05:00.000Z','USDT','100','0');
INSERT INTO "balance_seen" VALUES(47,30,'2026-05-08T06:05:00.000Z','BTC','0.00003697','0');
INSERT INTO "balance_seen" VALUES(48,30,'2026-05-08T06:05:00.000Z','ETH','1.00106462','0');
INSERT INTO "balance_seen" VALUES(49,30,'2026-05-08T06:05:00.000Z','USDC','0.98660555','0');
INSERT INTO "balance_seen" VALUES(50,30,'2026-05-08T06:05:00.000Z','USDT','101.9238316','0');
INSERT INTO "balance_seen" VALUES(51,30,'2026-05-08T06:05:00.000Z','USDT','100.00008349','0');
CREATE TABLE capability_seen (     -- what the exchange has shown of itself, when it changed
  capability_seen_id INTEGER PRIMARY KEY AUTOINCREMENT,
  cycle_id INTEGER NOT NULL REFERENCES cycle,
  at       TEXT NOT NULL CHECK (at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
  name     TEXT NOT NULL CHECK (name GLOB '[a-z]*' AND name NOT GLOB '*[^a-z0-9_]*'),
  value    TEXT NOT NULL               -- yes, no, or whole seconds
           CHECK (value IN ('yes', 'no') OR (value <> '' AND value NOT GLOB '*[^0-9]*'))
) STRICT;
INSERT INTO "capability_seen" VALUES(1,1,'2026-05-01T00:05:00.000Z','total_per_coin','yes');
INSERT INTO "capability_seen" VALUES(2,2,'2026-05-01T06:05:00.000Z','positions_have_amount','no');
INSERT INTO "capability_seen" VALUES(3,2,'2026-05-01T06:05:00.000Z','subscribe_records_numbered','no');
INSERT INTO "capability_seen" VALUES(4,2,'2026-05-01T06:05:00.000Z','records_have_status','no');
INSERT INTO "capability_seen" VALUES(5,2,'2026-05-01T06:05:00.000Z','slowest_subscribe_record_s','0');
INSERT INTO "capability_seen" VALUES(6,13,'2026-05-04T00:05:02.000Z','redeem_records_numbered','no');
INSERT INTO "capability_seen" VALUES(7,13,'2026-05-04T00:05:02.000Z','slowest_redeem_record_s','0');
CREATE TABLE closure (             -- the exchange, or the network before it, wants silence
  closure_id INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id    INTEGER NOT NULL REFERENCES run,
  at        TEXT NOT NULL CHECK (at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
  endpoint  TEXT NOT NULL CHECK (endpoint GLOB '/*' OR endpoint = '*'),  -- *: all of them
  closing   TEXT NOT NULL              -- rate: HTTP 429; ban: 418; edge: a page, no
                                    -- answer; maintenance: code 30016
            CHECK (closing GLOB '[a-z]*' AND closing NOT GLOB '*[^a-z0-9_]*'),
  until     TEXT NOT NULL CHECK (until GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
                                    -- not asked before this; the newest row counts
  strikes   INTEGER NOT NULL CHECK (strikes >= 1),  -- so many in a row; each makes it longer
  boot      TEXT NOT NULL,             -- the machine's start, by the kernel's name for it
  steady_ms INTEGER NOT NULL,          -- `at` by the clock that counts from there, and that
                                    -- nobody sets
  CHECK (until >= at)
) STRICT;
INSERT INTO "closure" VALUES(1,1,'2026-05-08T20:16:00.000Z','*','ban','2026-05-08T20:31:00.000Z',1,'monday',-17077440000);
INSERT INTO "closure" VALUES(2,1,'2026-05-08T20:16:00.000Z','/spot/v1/x','ban','2026-05-08T20:31:00.000Z',2,'monday',-17077440000);
CREATE TABLE cycle (               -- settle, look, reconcile, decide, limit, act
  cycle_id INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id   INTEGER NOT NULL REFERENCES run,
  began_at TEXT NOT NULL CHECK (began_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
  trigger  TEXT NOT NULL CHECK (trigger GLOB '[a-z]*' AND trigger NOT GLOB '*[^a-z0-9_]*')
) STRICT;
INSERT INTO "cycle" VALUES(1,1,'2026-05-01T00:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(2,1,'2026-05-01T06:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(3,1,'2026-05-01T12:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(4,1,'2026-05-01T18:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(5,1,'2026-05-02T00:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(6,1,'2026-05-02T06:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(7,1,'2026-05-02T12:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(8,1,'2026-05-02T18:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(9,1,'2026-05-03T00:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(10,1,'2026-05-03T06:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(11,1,'2026-05-03T12:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(12,1,'2026-05-03T18:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(13,1,'2026-05-04T00:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(14,1,'2026-05-04T06:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(15,1,'2026-05-04T12:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(16,1,'2026-05-04T18:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(17,1,'2026-05-05T00:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(18,1,'2026-05-05T06:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(19,1,'2026-05-05T12:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(20,1,'2026-05-05T18:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(21,1,'2026-05-06T00:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(22,1,'2026-05-06T06:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(23,1,'2026-05-06T12:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(24,1,'2026-05-06T18:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(25,1,'2026-05-07T00:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(26,1,'2026-05-07T06:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(27,1,'2026-05-07T12:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(28,1,'2026-05-07T18:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(29,1,'2026-05-08T00:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(30,1,'2026-05-08T06:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(31,1,'2026-05-08T12:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(32,1,'2026-05-08T18:05:00.000Z','demo');
INSERT INTO "cycle" VALUES(33,1,'2026-05-08T18:10:00.000Z','once');
INSERT INTO "cycle" VALUES(34,1,'2026-05-08T18:15:00.000Z','schedule');
INSERT INTO "cycle" VALUES(35,1,'2026-05-08T18:16:00.000Z','schedule');
INSERT INTO "cycle" VALUES(36,1,'2026-05-08T20:16:00.000Z','schedule');
INSERT INTO "cycle" VALUES(37,1,'2026-05-08T21:16:00.000Z','schedule');
INSERT INTO "cycle" VALUES(38,1,'2026-05-08T21:21:00.000Z','schedule');
INSERT INTO "cycle" VALUES(39,1,'2026-05-17T21:21:00.000Z','schedule');
CREATE TABLE cycle_end (           -- no row: the process died in it, or is in it
  cycle_id INTEGER PRIMARY KEY REFERENCES cycle,
  ended_at TEXT NOT NULL CHECK (ended_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
  outcome  TEXT NOT NULL
           CHECK (outcome IN ('done', 'failed_look', 'refused', 'interrupted', 'failed')),
  moves    INTEGER NOT NULL CHECK (moves >= 0),  -- sent
  holds    INTEGER NOT NULL CHECK (holds >= 0),
  failure  TEXT
) STRICT;
INSERT INTO "cycle_end" VALUES(1,'2026-05-01T00:05:08.000Z','done',6,1,NULL);
INSERT INTO "cycle_end" VALUES(2,'2026-05-01T06:05:00.000Z','done',0,8,NULL);
INSERT INTO "cycle_end" VALUES(3,'2026-05-01T12:05:00.000Z','done',0,8,NULL);
INSERT INTO "cycle_end" VALUES(4,'2026-05-01T18:05:00.000Z','done',0,8,NULL);
INSERT INTO "cycle_end" VALUES(5,'2026-05-02T00:05:00.000Z','done',0,8,NULL);
INSERT INTO "cycle_end" VALUES(6,'2026-05-02T06:05:02.000Z','done',1,7,NULL);
INSERT INTO "cycle_end" VALUES(7,'2026-05-02T12:05:00.000Z','done',0,8,NULL);
INSERT INTO "cycle_end" VALUES(8,'2026-05-02T18:05:00.000Z','done',0,8,NULL);
INSERT INTO "cycle_end" VALUES(9,'2026-05-03T00:05:00.000Z','done',0,8,NULL);
INSERT INTO "cycle_end" VALUES(10,'2026-05-03T06:05:02.000Z','done',1,7,NULL);
INSERT INTO "cycle_end" VALUES(11,'2026-05-03T12:05:00.000Z','done',0,8,NULL);
INSERT INTO "cycle_end" VALUES(12,'2026-05-03T18:05:00.000Z','done',0,8,NULL);
INSERT INTO "cycle_end" VALUES(13,'2026-05-04T00:05:04.000Z','done',2,7,NULL);
INSERT INTO "cycle_end" VALUES(14,'2026-05-04T06:05:00.000Z','done',0,8,NULL);
INSERT INTO "cycle_end" VALUES(15,'2026-05-04T12:05:00.000Z','done',0,8,NULL);
INSERT INTO "cycle_end" VALUES(16,'2026-05-04T18:05:00.000Z','done',0,8,NULL);
INSERT INTO "cycle_end" VALUES(17,'2026-05-05T00:05:00.000Z','done',0,8,NULL);
INSERT INTO "cycle_end" VALUES(18,'2026-05-05T06:05:02.000Z','done',2,6,NULL);
INSERT INTO "cycle_end" VALUES(19,'2026-05-05T12:05:00.000Z','done',0,8,NULL);
INSERT INTO "cycle_end" VALUES(20,'2026-05-05T18:05:02.000Z','done',1,7,NULL);
INSERT INTO "cycle_end" VALUES(21,'2026-05-06T00:05:00.000Z','done',0,8,NULL);
INSERT INTO "cycle_end" VALUES(22,'2026-05-06T06:05:02.000Z','done',1,7,NULL);
INSERT INTO "cycle_end" VALUES(23,'2026-05-06T12:05:00.000Z','done',0,8,NULL);
INSERT INTO "cycle_end" VALUES(24,'2026-05-06T18:05:00.000Z','done',0,8,NULL);
INSERT INTO "cycle_end" VALUES(25,'2026-05-07T00:05:00.000Z','done',0,8,NULL);
INSERT INTO "cycle_end" VALUES(26,'2026-05-07T06:05:02.000Z','done',1,7,NULL);
INSERT INTO "cycle_end" VALUES(27,'2026-05-07T12:05:02.000Z','done',1,8,NULL);
INSERT INTO "cycle_end" VALUES(28,'2026-05-07T18:05:00.000Z','done',0,8,NULL);
INSERT INTO "cycle_end" VALUES(29,'2026-05-08T00:05:00.000Z','done',0,8,NULL);
INSERT INTO "cycle_end" VALUES(30,'2026-05-08T06:05:02.000Z','done',1,7,NULL);
INSERT INTO "cycle_end" VALUES(31,'2026-05-08T12:05:00.000Z','done',0,8,NULL);
INSERT INTO "cycle_end" VALUES(32,'2026-05-08T18:05:00.000Z','done',0,8,NULL);
INSERT INTO "cycle_end" VALUES(33,'2026-05-08T18:10:00.000Z','done',0,0,NULL);
INSERT INTO "cycle_end" VALUES(34,'2026-05-08T18:15:00.000Z','done',0,0,NULL);
INSERT INTO "cycle_end" VALUES(35,'2026-05-08T18:16:00.000Z','done',0,0,NULL);
INSERT INTO "cycle_end" VALUES(36,'2026-05-08T20:16:00.000Z','done',0,0,NULL);
INSERT INTO "cycle_end" VALUES(37,'2026-05-08T21:16:00.000Z','done',0,0,NULL);
INSERT INTO "cycle_end" VALUES(38,'2026-05-08T21:21:00.000Z','done',0,0,NULL);
INSERT INTO "cycle_end" VALUES(39,'2026-05-17T21:21:00.000Z','failed_look',0,1,'no reply: é​');
CREATE TABLE decision (            -- every move and every hold, with its reason
  decision_id INTEGER PRIMARY KEY AUTOINCREMENT,
  cycle_id   INTEGER NOT NULL REFERENCES cycle,
  at         TEXT NOT NULL CHECK (at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
  coin       TEXT NOT NULL,
  verdict    TEXT NOT NULL CHECK (verdict IN ('subscribe', 'redeem', 'hold')),
  product_id TEXT,
  amount     TEXT,                     -- of a hold: what was left undone
  reason     TEXT NOT NULL CHECK (reason GLOB '[a-z]*' AND reason NOT GLOB '*[^a-z0-9_]*'),
  detail     TEXT NOT NULL CHECK (detail GLOB '{*}'),  -- JSON: the numbers it rests on, as text
  CHECK (verdict = 'hold' OR (product_id IS NOT NULL AND amount IS NOT NULL)),
  CHECK (amount GLOB '[0-9]*' AND amount NOT GLOB '*[^0-9.]*' AND amount NOT GLOB '*.*.*'
         AND amount NOT GLOB '0[0-9]*' AND amount NOT GLOB '*.' AND amount NOT GLOB '*.*0'
         AND instr(amount || '.', '.') <= 21 AND length(amount) - instr(amount || '.', '.') <= 18)
) STRICT;
INSERT INTO "decision" VALUES(1,1,'2026-05-01T00:05:00.000Z','BTC','subscribe','1201','0.25','best_band','{"bands":"0.1 at 1.25%; 0.15 at 0.40%","binding":"money","gap_bp":"74","gap_per_year":"0.00185","held":"0","rate":"0.74%","runner_up":"idle","runner_up_rate":"0.00%"}');
INSERT INTO "decision" VALUES(2,1,'2026-05-01T00:05:00.000Z','ETH','subscribe','1301','3','best_band','{"bands":"3 at 1.80%","binding":"max_per_product","gap_bp":"180","gap_per_year":"0.054","held":"0","rate":"1.80%","runner_up":"idle","runner_up_rate":"0.00%"}');
INSERT INTO "decision" VALUES(3,1,'2026-05-01T00:05:00.000Z','USDC','subscribe','1101','2000','best_band','{"bands":"2000 at 4.50%","binding":"money","gap_bp":"150","gap_per_year":"30","held":"0","rate":"4.50%","runner_up":"1102","runner_up_rate":"3.00%"}');
INSERT INTO "decision" VALUES(4,1,'2026-05-01T00:05:00.000Z','USDC','subscribe','1102','1000','best_band','{"bands":"1000 at 3.00%","binding":"money","gap_bp":"25","gap_per_year":"2.5","held":"0","rate":"3.00%","runner_up":"1101","runner_up_rate":"2.75%"}');
INSERT INTO "decision" VALUES(5,1,'2026-05-01T00:05:00.000Z','USDT','subscribe','1002','500','best_band','{"bands":"200 at 8.00%; 300 at 6.00%","binding":"money","gap_bp":"330","gap_per_year":"16.5","held":"0","rate":"6.80%","runner_up":"1001","runner_up_rate":"3.50%"}');
INSERT INTO "decision" VALUES(6,1,'2026-05-01T00:05:00.000Z','USDT','subscribe','1001','11400','best_band','{"bands":"10000 at 5.50%; 1400 at 3.50%","binding":"money","gap_bp":"275.43","gap_per_year":"314","held":"0","rate":"5.2543%","runner_up":"1003","runner_up_rate":"2.50%"}');
INSERT INTO "decision" VALUES(7,1,'2026-05-01T00:05:00.000Z','ETH','hold',NULL,'1','max_per_product','{"available":"4","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"4"}');
INSERT INTO "decision" VALUES(8,2,'2026-05-01T06:05:00.000Z','BTC','hold',NULL,'0.00000155','under_product_minimum','{"available":"0.00000155","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00000155"}');
INSERT INTO "decision" VALUES(9,2,'2026-05-01T06:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(10,2,'2026-05-01T06:05:00.000Z','ETH','hold',NULL,'1.00002904','max_per_product','{"available":"1.00002904","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.00002904"}');
INSERT INTO "decision" VALUES(11,2,'2026-05-01T06:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(12,2,'2026-05-01T06:05:00.000Z','USDC','hold',NULL,'0.00002774','under_min_move','{"available":"0.00002774","binding":"min_move","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.00002774"}');
INSERT INTO "decision" VALUES(13,2,'2026-05-01T06:05:00.000Z','USDC','hold',NULL,'2999.99997226','best_already','{"binding":"none","rate":"3.9999%"}');
INSERT INTO "decision" VALUES(14,2,'2026-05-01T06:05:00.000Z','USDT','hold',NULL,'0.00009425','under_min_move','{"available":"100.00009425","binding":"min_move","keep_idle":"100","reserve":"100","runner_up":"1002","runner_up_rate":"6.00%","spendable":"0.00009425"}');
INSERT INTO "decision" VALUES(15,2,'2026-05-01T06:05:00.000Z','USDT','hold',NULL,'11899.99990575','best_already','{"binding":"none","gap_bp":"281.93","gap_per_year":"335.49999709","rate":"5.3193%","runner_up":"1003","runner_up_rate":"2.50%"}');
INSERT INTO "decision" VALUES(16,3,'2026-05-01T12:05:00.000Z','BTC','hold',NULL,'0.00000155','under_product_minimum','{"available":"0.00000155","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00000155"}');
INSERT INTO "decision" VALUES(17,3,'2026-05-01T12:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(18,3,'2026-05-01T12:05:00.000Z','ETH','hold',NULL,'1.00002904','max_per_product','{"available":"1.00002904","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.00002904"}');
INSERT INTO "decision" VALUES(19,3,'2026-05-01T12:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(20,3,'2026-05-01T12:05:00.000Z','USDC','hold',NULL,'0.00002774','under_min_move','{"available":"0.00002774","binding":"min_move","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.00002774"}');
INSERT INTO "decision" VALUES(21,3,'2026-05-01T12:05:00.000Z','USDC','hold',NULL,'2999.99997226','best_already','{"binding":"none","rate":"3.9999%"}');
INSERT INTO "decision" VALUES(22,3,'2026-05-01T12:05:00.000Z','USDT','hold',NULL,'0.00009425','under_min_move','{"available":"100.00009425","binding":"min_move","keep_idle":"100","reserve":"100","runner_up":"1002","runner_up_rate":"6.00%","spendable":"0.00009425"}');
INSERT INTO "decision" VALUES(23,3,'2026-05-01T12:05:00.000Z','USDT','hold',NULL,'11899.99990575','best_already','{"binding":"none","gap_bp":"281.93","gap_per_year":"335.49999709","rate":"5.3193%","runner_up":"1003","runner_up_rate":"2.50%"}');
INSERT INTO "decision" VALUES(24,4,'2026-05-01T18:05:00.000Z','BTC','hold',NULL,'0.00000155','under_product_minimum','{"available":"0.00000155","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00000155"}');
INSERT INTO "decision" VALUES(25,4,'2026-05-01T18:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(26,4,'2026-05-01T18:05:00.000Z','ETH','hold',NULL,'1.00002904','max_per_product','{"available":"1.00002904","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.00002904"}');
INSERT INTO "decision" VALUES(27,4,'2026-05-01T18:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(28,4,'2026-05-01T18:05:00.000Z','USDC','hold',NULL,'0.00002774','under_min_move','{"available":"0.00002774","binding":"min_move","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.00002774"}');
INSERT INTO "decision" VALUES(29,4,'2026-05-01T18:05:00.000Z','USDC','hold',NULL,'2999.99997226','best_already','{"binding":"none","rate":"3.9999%"}');
INSERT INTO "decision" VALUES(30,4,'2026-05-01T18:05:00.000Z','USDT','hold',NULL,'0.00009425','under_min_move','{"available":"100.00009425","binding":"min_move","keep_idle":"100","reserve":"100","runner_up":"1002","runner_up_rate":"6.00%","spendable":"0.00009425"}');
INSERT INTO "decision" VALUES(31,4,'2026-05-01T18:05:00.000Z','USDT','hold',NULL,'11899.99990575','best_already','{"binding":"none","gap_bp":"281.93","gap_per_year":"335.49999709","rate":"5.3193%","runner_up":"1003","runner_up_rate":"2.50%"}');
INSERT INTO "decision" VALUES(32,5,'2026-05-02T00:05:00.000Z','BTC','hold',NULL,'0.00000155','under_product_minimum','{"available":"0.00000155","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00000155"}');
INSERT INTO "decision" VALUES(33,5,'2026-05-02T00:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(34,5,'2026-05-02T00:05:00.000Z','ETH','hold',NULL,'1.00002904','max_per_product','{"available":"1.00002904","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.00002904"}');
INSERT INTO "decision" VALUES(35,5,'2026-05-02T00:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(36,5,'2026-05-02T00:05:00.000Z','USDC','hold',NULL,'0.00002774','under_min_move','{"available":"0.00002774","binding":"min_move","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.00002774"}');
INSERT INTO "decision" VALUES(37,5,'2026-05-02T00:05:00.000Z','USDC','hold',NULL,'2999.99997226','best_already','{"binding":"none","rate":"3.9999%"}');
INSERT INTO "decision" VALUES(38,5,'2026-05-02T00:05:00.000Z','USDT','hold',NULL,'0.00009425','under_min_move','{"available":"100.00009425","binding":"min_move","keep_idle":"100","reserve":"100","runner_up":"1002","runner_up_rate":"6.00%","spendable":"0.00009425"}');
INSERT INTO "decision" VALUES(39,5,'2026-05-02T00:05:00.000Z','USDT','hold',NULL,'11899.99990575','best_already','{"binding":"none","gap_bp":"281.93","gap_per_year":"335.49999709","rate":"5.3193%","runner_up":"1003","runner_up_rate":"2.50%"}');
INSERT INTO "decision" VALUES(40,6,'2026-05-02T06:05:00.000Z','USDT','subscribe','1001','5001.7343408','best_band','{"bands":"5001.7343408 at 3.50%","binding":"money","fresh_interest":"1.73424655","gap_bp":"100","gap_per_year":"50.0173434","held":"11399.99998439","rate":"3.50%","runner_up":"1003","runner_up_rate":"2.50%"}');
INSERT INTO "decision" VALUES(41,6,'2026-05-02T06:05:00.000Z','BTC','hold',NULL,'0.00000661','under_product_minimum','{"available":"0.00000661","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00000661"}');
INSERT INTO "decision" VALUES(42,6,'2026-05-02T06:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(43,6,'2026-05-02T06:05:00.000Z','ETH','hold',NULL,'1.00017698','max_per_product','{"available":"1.00017698","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.00017698"}');
INSERT INTO "decision" VALUES(44,6,'2026-05-02T06:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(45,6,'2026-05-02T06:05:00.000Z','USDC','hold',NULL,'0.32879485','under_min_move','{"available":"0.32879485","binding":"min_move","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.32879485"}');
INSERT INTO "decision" VALUES(46,6,'2026-05-02T06:05:00.000Z','USDC','hold','1102','0.67120515','not_proven_yet','{"binding":"proof","cost":"0.00005516","gain":"0.00028246","gap_bp":"109.71","gap_per_year":"0.00736432","horizon":"14d","needed":"0.00005516","proven":"0","rate":"3.00%","runner_up":"1101","runner_up_rate":"2.75%","to":"1101"}');
INSERT INTO "decision" VALUES(47,6,'2026-05-02T06:05:00.000Z','USDT','hold',NULL,'11899.99990575','best_already','{"binding":"none","gap_bp":"281.93","gap_per_year":"335.49999709","rate":"5.3193%","runner_up":"1003","runner_up_rate":"2.50%"}');
INSERT INTO "decision" VALUES(48,7,'2026-05-02T12:05:00.000Z','BTC','hold',NULL,'0.00000661','under_product_minimum','{"available":"0.00000661","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00000661"}');
INSERT INTO "decision" VALUES(49,7,'2026-05-02T12:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(50,7,'2026-05-02T12:05:00.000Z','ETH','hold',NULL,'1.00017698','max_per_product','{"available":"1.00017698","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.00017698"}');
INSERT INTO "decision" VALUES(51,7,'2026-05-02T12:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(52,7,'2026-05-02T12:05:00.000Z','USDC','hold',NULL,'0.32879485','under_min_move','{"available":"0.32879485","binding":"min_move","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.32879485"}');
INSERT INTO "decision" VALUES(53,7,'2026-05-02T12:05:00.000Z','USDC','hold','1102','0.67120515','not_proven_yet','{"binding":"proof","cost":"0.00005516","gain":"0.00028246","gap_bp":"109.71","gap_per_year":"0.00736432","horizon":"14d","needed":"0.00005516","proven":"0","rate":"3.00%","runner_up":"1101","runner_up_rate":"2.75%","to":"1101"}');
INSERT INTO "decision" VALUES(54,7,'2026-05-02T12:05:00.000Z','USDT','hold',NULL,'0.00004839','under_min_move','{"available":"100.00004839","binding":"min_move","keep_idle":"100","reserve":"100","runner_up":"1002","runner_up_rate":"6.00%","spendable":"0.00004839"}');
INSERT INTO "decision" VALUES(55,7,'2026-05-02T12:05:00.000Z','USDT','hold',NULL,'16901.73419816','best_already','{"binding":"none","gap_bp":"228.09","gap_per_year":"385.51734001","rate":"4.7809%","runner_up":"1003","runner_up_rate":"2.50%"}');
INSERT INTO "decision" VALUES(56,8,'2026-05-02T18:05:00.000Z','BTC','hold',NULL,'0.00000661','under_product_minimum','{"available":"0.00000661","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00000661"}');
INSERT INTO "decision" VALUES(57,8,'2026-05-02T18:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(58,8,'2026-05-02T18:05:00.000Z','ETH','hold',NULL,'1.00017698','max_per_product','{"available":"1.00017698","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.00017698"}');
INSERT INTO "decision" VALUES(59,8,'2026-05-02T18:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(60,8,'2026-05-02T18:05:00.000Z','USDC','hold',NULL,'0.32879485','under_min_move','{"available":"0.32879485","binding":"min_move","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.32879485"}');
INSERT INTO "decision" VALUES(61,8,'2026-05-02T18:05:00.000Z','USDC','hold','1102','0.67120515','not_proven_yet','{"binding":"proof","cost":"0.00005516","gain":"0.00028246","gap_bp":"109.71","gap_per_year":"0.00736432","horizon":"14d","needed":"0.00005516","proven":"0","rate":"3.00%","runner_up":"1101","runner_up_rate":"2.75%","to":"1101"}');
INSERT INTO "decision" VALUES(62,8,'2026-05-02T18:05:00.000Z','USDT','hold',NULL,'0.00004839','under_min_move','{"available":"100.00004839","binding":"min_move","keep_idle":"100","reserve":"100","runner_up":"1002","runner_up_rate":"6.00%","spendable":"0.00004839"}');
INSERT INTO "decision" VALUES(63,8,'2026-05-02T18:05:00.000Z','USDT','hold',NULL,'16901.73419816','best_already','{"binding":"none","gap_bp":"228.09","gap_per_year":"385.51734001","rate":"4.7809%","runner_up":"1003","runner_up_rate":"2.50%"}');
INSERT INTO "decision" VALUES(64,9,'2026-05-03T00:05:00.000Z','BTC','hold',NULL,'0.00000661','under_product_minimum','{"available":"0.00000661","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00000661"}');
INSERT INTO "decision" VALUES(65,9,'2026-05-03T00:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(66,9,'2026-05-03T00:05:00.000Z','ETH','hold',NULL,'1.00017698','max_per_product','{"available":"1.00017698","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.00017698"}');
INSERT INTO "decision" VALUES(67,9,'2026-05-03T00:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(68,9,'2026-05-03T00:05:00.000Z','USDC','hold',NULL,'0.32879485','under_min_move','{"available":"0.32879485","binding":"min_move","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.32879485"}');
INSERT INTO "decision" VALUES(69,9,'2026-05-03T00:05:00.000Z','USDC','hold','1102','0.67120515','not_proven_yet','{"binding":"proof","cost":"0.00005516","gain":"0.00028246","gap_bp":"109.71","gap_per_year":"0.00736432","horizon":"14d","needed":"0.00005516","proven":"0","rate":"3.00%","runner_up":"1101","runner_up_rate":"2.75%","to":"1101"}');
INSERT INTO "decision" VALUES(70,9,'2026-05-03T00:05:00.000Z','USDT','hold',NULL,'0.00004839','under_min_move','{"available":"100.00004839","binding":"min_move","keep_idle":"100","reserve":"100","runner_up":"1002","runner_up_rate":"6.00%","spendable":"0.00004839"}');
INSERT INTO "decision" VALUES(71,9,'2026-05-03T00:05:00.000Z','USDT','hold',NULL,'16901.73419816','best_already','{"binding":"none","gap_bp":"228.09","gap_per_year":"385.51734001","rate":"4.7809%","runner_up":"1003","runner_up_rate":"2.50%"}');
INSERT INTO "decision" VALUES(72,10,'2026-05-03T06:05:00.000Z','USDT','subscribe','1001','1.73429494','compound','{"bands":"1.73429494 at 3.50%","binding":"money","fresh_interest":"1.73424655","gap_bp":"100","gap_per_year":"0.01734294","held":"16401.7342768","rate":"3.50%","runner_up":"1003","runner_up_rate":"2.50%"}');
INSERT INTO "decision" VALUES(73,10,'2026-05-03T06:05:00.000Z','BTC','hold',NULL,'0.00001167','under_product_minimum','{"available":"0.00001167","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00001167"}');
INSERT INTO "decision" VALUES(74,10,'2026-05-03T06:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(75,10,'2026-05-03T06:05:00.000Z','ETH','hold',NULL,'1.00032492','max_per_product','{"available":"1.00032492","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.00032492"}');
INSERT INTO "decision" VALUES(76,10,'2026-05-03T06:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(77,10,'2026-05-03T06:05:00.000Z','USDC','hold',NULL,'0.65756196','under_product_minimum','{"available":"0.65756196","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.65756196"}');
INSERT INTO "decision" VALUES(78,10,'2026-05-03T06:05:00.000Z','USDC','hold','1102','0.5','not_proven_yet','{"binding":"proof","cost":"0.00004109","gain":"0.00064566","gap_bp":"336.66","gap_per_year":"0.01683343","horizon":"14d","needed":"0.00004109","proven":"0","rate":"3.00%","runner_up":"1101","runner_up_rate":"2.75%","to":"1101"}');
INSERT INTO "decision" VALUES(79,10,'2026-05-03T06:05:00.000Z','USDT','hold',NULL,'16901.73419816','best_already','{"binding":"none","gap_bp":"228.09","gap_per_year":"385.51734001","rate":"4.7809%","runner_up":"1003","runner_up_rate":"2.50%"}');
INSERT INTO "decision" VALUES(80,11,'2026-05-03T12:05:00.000Z','BTC','hold',NULL,'0.00001167','under_product_minimum','{"available":"0.00001167","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00001167"}');
INSERT INTO "decision" VALUES(81,11,'2026-05-03T12:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(82,11,'2026-05-03T12:05:00.000Z','ETH','hold',NULL,'1.00032492','max_per_product','{"available":"1.00032492","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.00032492"}');
INSERT INTO "decision" VALUES(83,11,'2026-05-03T12:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(84,11,'2026-05-03T12:05:00.000Z','USDC','hold',NULL,'0.65756196','under_product_minimum','{"available":"0.65756196","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.65756196"}');
INSERT INTO "decision" VALUES(85,11,'2026-05-03T12:05:00.000Z','USDC','hold','1102','0.5','not_proven_yet','{"binding":"proof","cost":"0.00004109","gain":"0.00064566","gap_bp":"336.66","gap_per_year":"0.01683343","horizon":"14d","needed":"0.00004109","proven":"0","rate":"3.00%","runner_up":"1101","runner_up_rate":"2.75%","to":"1101"}');
INSERT INTO "decision" VALUES(86,11,'2026-05-03T12:05:00.000Z','USDT','hold',NULL,'0.00001699','under_min_move','{"available":"100.00001699","binding":"min_move","keep_idle":"100","reserve":"100","runner_up":"1002","runner_up_rate":"6.00%","spendable":"0.00001699"}');
INSERT INTO "decision" VALUES(87,11,'2026-05-03T12:05:00.000Z','USDT','hold',NULL,'16903.46847611','best_already','{"binding":"none","gap_bp":"228.08","gap_per_year":"385.53468279","rate":"4.7808%","runner_up":"1003","runner_up_rate":"2.50%"}');
INSERT INTO "decision" VALUES(88,12,'2026-05-03T18:05:00.000Z','BTC','hold',NULL,'0.00001167','under_product_minimum','{"available":"0.00001167","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00001167"}');
INSERT INTO "decision" VALUES(89,12,'2026-05-03T18:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(90,12,'2026-05-03T18:05:00.000Z','ETH','hold',NULL,'1.00032492','max_per_product','{"available":"1.00032492","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.00032492"}');
INSERT INTO "decision" VALUES(91,12,'2026-05-03T18:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(92,12,'2026-05-03T18:05:00.000Z','USDC','hold',NULL,'0.65756196','under_product_minimum','{"available":"0.65756196","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.65756196"}');
INSERT INTO "decision" VALUES(93,12,'2026-05-03T18:05:00.000Z','USDC','hold','1102','0.5','not_proven_yet','{"binding":"proof","cost":"0.00004109","gain":"0.00064566","gap_bp":"336.66","gap_per_year":"0.01683343","horizon":"14d","needed":"0.00004109","proven":"0","rate":"3.00%","runner_up":"1101","runner_up_rate":"2.75%","to":"1101"}');
INSERT INTO "decision" VALUES(94,12,'2026-05-03T18:05:00.000Z','USDT','hold',NULL,'0.00001699','under_min_move','{"available":"100.00001699","binding":"min_move","keep_idle":"100","reserve":"100","runner_up":"1002","runner_up_rate":"6.00%","spendable":"0.00001699"}');
INSERT INTO "decision" VALUES(95,12,'2026-05-03T18:05:00.000Z','USDT','hold',NULL,'16903.46847611','best_already','{"binding":"none","gap_bp":"228.08","gap_per_year":"385.53468279","rate":"4.7808%","runner_up":"1003","runner_up_rate":"2.50%"}');
INSERT INTO "decision" VALUES(96,13,'2026-05-04T00:05:00.000Z','USDT','redeem','1001','16403.46855475','rate_under_floor','{"keep":"0","rate":"0.30%","redeem_below_apy":"0.50%"}');
INSERT INTO "decision" VALUES(97,13,'2026-05-04T00:05:02.000Z','USDT','subscribe','1003','16403.46857174','best_band','{"bands":"16403.46857174 at 2.50%","binding":"money","gap_bp":"243.9","gap_per_year":"400.08670957","held":"0","rate":"2.50%","runner_up":"1002","runner_up_rate":"2.00%"}');
INSERT INTO "decision" VALUES(98,13,'2026-05-04T00:05:02.000Z','BTC','hold',NULL,'0.00001167','under_product_minimum','{"available":"0.00001167","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00001167"}');
INSERT INTO "decision" VALUES(99,13,'2026-05-04T00:05:02.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(100,13,'2026-05-04T00:05:02.000Z','ETH','hold',NULL,'1.00032492','max_per_product','{"available":"1.00032492","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.00032492"}');
INSERT INTO "decision" VALUES(101,13,'2026-05-04T00:05:02.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(102,13,'2026-05-04T00:05:02.000Z','USDC','hold',NULL,'0.65756196','under_product_minimum','{"available":"0.65756196","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.65756196"}');
INSERT INTO "decision" VALUES(103,13,'2026-05-04T00:05:02.000Z','USDC','hold','1102','0.5','not_proven_yet','{"binding":"proof","cost":"0.00004109","gain":"0.00064566","gap_bp":"336.66","gap_per_year":"0.01683343","horizon":"14d","needed":"0.00004109","proven":"0","rate":"3.00%","runner_up":"1101","runner_up_rate":"2.75%","to":"1101"}');
INSERT INTO "decision" VALUES(104,13,'2026-05-04T00:05:02.000Z','USDT','hold',NULL,'499.99992136','best_already','{"binding":"none","gap_bp":"430","gap_per_year":"21.49999725","rate":"6.80%","runner_up":"1003","runner_up_rate":"2.50%"}');
INSERT INTO "decision" VALUES(105,14,'2026-05-04T06:05:00.000Z','BTC','hold',NULL,'0.00001673','under_product_minimum','{"available":"0.00001673","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00001673"}');
INSERT INTO "decision" VALUES(106,14,'2026-05-04T06:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(107,14,'2026-05-04T06:05:00.000Z','ETH','hold',NULL,'1.00047286','max_per_product','{"available":"1.00047286","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.00047286"}');
INSERT INTO "decision" VALUES(108,14,'2026-05-04T06:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(109,14,'2026-05-04T06:05:00.000Z','USDC','hold',NULL,'0.98632907','under_product_minimum','{"available":"0.98632907","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.98632907"}');
INSERT INTO "decision" VALUES(110,14,'2026-05-04T06:05:00.000Z','USDC','hold','1102','0.5','not_proven_yet','{"binding":"proof","cost":"0.00004109","gain":"0.00099244","gap_bp":"517.49","gap_per_year":"0.02587452","horizon":"14d","needed":"0.00004109","proven":"0","rate":"3.00%","runner_up":"1101","runner_up_rate":"2.75%","to":"1101"}');
INSERT INTO "decision" VALUES(111,14,'2026-05-04T06:05:00.000Z','USDT','hold',NULL,'0.09322621','under_min_move','{"available":"100.09322621","binding":"min_move","keep_idle":"100","reserve":"100","runner_up":"1002","runner_up_rate":"6.00%","spendable":"0.09322621"}');
INSERT INTO "decision" VALUES(112,14,'2026-05-04T06:05:00.000Z','USDT','hold',NULL,'16903.46841756','best_already','{"binding":"none","gap_bp":"232.71","gap_per_year":"393.37630243","rate":"2.6271%","runner_up":"1001","runner_up_rate":"0.30%"}');
INSERT INTO "decision" VALUES(113,15,'2026-05-04T12:05:00.000Z','BTC','hold',NULL,'0.00001673','under_product_minimum','{"available":"0.00001673","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00001673"}');
INSERT INTO "decision" VALUES(114,15,'2026-05-04T12:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(115,15,'2026-05-04T12:05:00.000Z','ETH','hold',NULL,'1.00047286','max_per_product','{"available":"1.00047286","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.00047286"}');
INSERT INTO "decision" VALUES(116,15,'2026-05-04T12:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(117,15,'2026-05-04T12:05:00.000Z','USDC','hold',NULL,'0.98632907','under_product_minimum','{"available":"0.98632907","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.98632907"}');
INSERT INTO "decision" VALUES(118,15,'2026-05-04T12:05:00.000Z','USDC','hold','1102','0.5','not_proven_yet','{"binding":"proof","cost":"0.00004109","gain":"0.00099244","gap_bp":"517.49","gap_per_year":"0.02587452","horizon":"14d","needed":"0.00004109","proven":"0","rate":"3.00%","runner_up":"1101","runner_up_rate":"2.75%","to":"1101"}');
INSERT INTO "decision" VALUES(119,15,'2026-05-04T12:05:00.000Z','USDT','hold',NULL,'0.09322621','under_min_move','{"available":"100.09322621","binding":"min_move","keep_idle":"100","reserve":"100","runner_up":"1002","runner_up_rate":"6.00%","spendable":"0.09322621"}');
INSERT INTO "decision" VALUES(120,15,'2026-05-04T12:05:00.000Z','USDT','hold',NULL,'16903.46841756','best_already','{"binding":"none","gap_bp":"232.71","gap_per_year":"393.37630243","rate":"2.6271%","runner_up":"1001","runner_up_rate":"0.30%"}');
INSERT INTO "decision" VALUES(121,16,'2026-05-04T18:05:00.000Z','BTC','hold',NULL,'0.00001673','under_product_minimum','{"available":"0.00001673","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00001673"}');
INSERT INTO "decision" VALUES(122,16,'2026-05-04T18:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(123,16,'2026-05-04T18:05:00.000Z','ETH','hold',NULL,'1.00047286','max_per_product','{"available":"1.00047286","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.00047286"}');
INSERT INTO "decision" VALUES(124,16,'2026-05-04T18:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(125,16,'2026-05-04T18:05:00.000Z','USDC','hold',NULL,'0.98632907','under_product_minimum','{"available":"0.98632907","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.98632907"}');
INSERT INTO "decision" VALUES(126,16,'2026-05-04T18:05:00.000Z','USDC','hold','1102','0.5','not_proven_yet','{"binding":"proof","cost":"0.00004109","gain":"0.00099244","gap_bp":"517.49","gap_per_year":"0.02587452","horizon":"14d","needed":"0.00004109","proven":"0","rate":"3.00%","runner_up":"1101","runner_up_rate":"2.75%","to":"1101"}');
INSERT INTO "decision" VALUES(127,16,'2026-05-04T18:05:00.000Z','USDT','hold',NULL,'0.09322621','under_min_move','{"available":"100.09322621","binding":"min_move","keep_idle":"100","reserve":"100","runner_up":"1002","runner_up_rate":"6.00%","spendable":"0.09322621"}');
INSERT INTO "decision" VALUES(128,16,'2026-05-04T18:05:00.000Z','USDT','hold',NULL,'16903.46841756','best_already','{"binding":"none","gap_bp":"232.71","gap_per_year":"393.37630243","rate":"2.6271%","runner_up":"1001","runner_up_rate":"0.30%"}');
INSERT INTO "decision" VALUES(129,17,'2026-05-05T00:05:00.000Z','BTC','hold',NULL,'0.00001673','under_product_minimum','{"available":"0.00001673","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00001673"}');
INSERT INTO "decision" VALUES(130,17,'2026-05-05T00:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(131,17,'2026-05-05T00:05:00.000Z','ETH','hold',NULL,'1.00047286','max_per_product','{"available":"1.00047286","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.00047286"}');
INSERT INTO "decision" VALUES(132,17,'2026-05-05T00:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(133,17,'2026-05-05T00:05:00.000Z','USDC','hold',NULL,'0.98632907','under_product_minimum','{"available":"0.98632907","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.98632907"}');
INSERT INTO "decision" VALUES(134,17,'2026-05-05T00:05:00.000Z','USDC','hold','1102','0.5','not_proven_yet','{"binding":"proof","cost":"0.00004109","gain":"0.00099244","gap_bp":"517.49","gap_per_year":"0.02587452","horizon":"14d","needed":"0.00004109","proven":"0","rate":"3.00%","runner_up":"1101","runner_up_rate":"2.75%","to":"1101"}');
INSERT INTO "decision" VALUES(135,17,'2026-05-05T00:05:00.000Z','USDT','hold',NULL,'0.09322621','under_min_move','{"available":"100.09322621","binding":"min_move","keep_idle":"100","reserve":"100","runner_up":"1002","runner_up_rate":"6.00%","spendable":"0.09322621"}');
INSERT INTO "decision" VALUES(136,17,'2026-05-05T00:05:00.000Z','USDT','hold',NULL,'16903.46841756','best_already','{"binding":"none","gap_bp":"232.71","gap_per_year":"393.37630243","rate":"2.6271%","runner_up":"1001","runner_up_rate":"0.30%"}');
INSERT INTO "decision" VALUES(137,18,'2026-05-05T06:05:00.000Z','USDC','subscribe','1102','1.31509618','compound','{"bands":"1.31509618 at 3.00%","binding":"money","fresh_interest":"1.31506844","gap_bp":"24.99","gap_per_year":"0.00328726","held":"999.99999956","rate":"3.00%","runner_up":"1101","runner_up_rate":"2.75%"}');
INSERT INTO "decision" VALUES(138,18,'2026-05-05T06:05:00.000Z','USDT','subscribe','1003','1.30990211','compound','{"bands":"1.30990211 at 2.50%","binding":"money","fresh_interest":"1.30982657","gap_bp":"250","gap_per_year":"0.03274755","held":"16403.4684962","rate":"2.50%","runner_up":"idle","runner_up_rate":"0.00%"}');
INSERT INTO "decision" VALUES(139,18,'2026-05-05T06:05:00.000Z','BTC','hold',NULL,'0.00002179','under_product_minimum','{"available":"0.00002179","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00002179"}');
INSERT INTO "decision" VALUES(140,18,'2026-05-05T06:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(141,18,'2026-05-05T06:05:00.000Z','ETH','hold',NULL,'1.0006208','max_per_product','{"available":"1.0006208","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.0006208"}');
INSERT INTO "decision" VALUES(142,18,'2026-05-05T06:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(143,18,'2026-05-05T06:05:00.000Z','USDC','hold',NULL,'2999.99997226','best_already','{"binding":"none","rate":"3.9999%"}');
INSERT INTO "decision" VALUES(144,18,'2026-05-05T06:05:00.000Z','USDT','hold',NULL,'16903.46841756','best_already','{"binding":"none","gap_bp":"232.71","gap_per_year":"393.37630243","rate":"2.6271%","runner_up":"1001","runner_up_rate":"0.30%"}');
INSERT INTO "decision" VALUES(145,19,'2026-05-05T12:05:00.000Z','BTC','hold',NULL,'0.00002179','under_product_minimum','{"available":"0.00002179","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00002179"}');
INSERT INTO "decision" VALUES(146,19,'2026-05-05T12:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(147,19,'2026-05-05T12:05:00.000Z','ETH','hold',NULL,'1.0006208','max_per_product','{"available":"1.0006208","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.0006208"}');
INSERT INTO "decision" VALUES(148,19,'2026-05-05T12:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(149,19,'2026-05-05T12:05:00.000Z','USDC','hold',NULL,'0.00008806','under_min_move','{"available":"0.00008806","binding":"min_move","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.00008806"}');
INSERT INTO "decision" VALUES(150,19,'2026-05-05T12:05:00.000Z','USDC','hold',NULL,'3001.31498038','best_already','{"binding":"none","rate":"3.9995%"}');
INSERT INTO "decision" VALUES(151,19,'2026-05-05T12:05:00.000Z','USDT','hold',NULL,'0.00002515','under_min_move','{"available":"100.00002515","binding":"min_move","keep_idle":"100","reserve":"100","runner_up":"1002","runner_up_rate":"6.00%","spendable":"0.00002515"}');
INSERT INTO "decision" VALUES(152,19,'2026-05-05T12:05:00.000Z','USDT','hold',NULL,'16904.77829452','best_already','{"binding":"none","gap_bp":"232.71","gap_per_year":"393.40511973","rate":"2.6271%","runner_up":"1001","runner_up_rate":"0.30%"}');
INSERT INTO "decision" VALUES(153,20,'2026-05-05T18:05:00.000Z','USDT','subscribe','1004','4000.00002515','best_band','{"bands":"4000.00002515 at 6.50%","binding":"money","gap_bp":"400","gap_per_year":"160.000001","held":"0","rate":"6.50%","runner_up":"1003","runner_up_rate":"2.50%"}');
INSERT INTO "decision" VALUES(154,20,'2026-05-05T18:05:00.000Z','BTC','hold',NULL,'0.00002179','under_product_minimum','{"available":"0.00002179","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00002179"}');
INSERT INTO "decision" VALUES(155,20,'2026-05-05T18:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(156,20,'2026-05-05T18:05:00.000Z','ETH','hold',NULL,'1.0006208','max_per_product','{"available":"1.0006208","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.0006208"}');
INSERT INTO "decision" VALUES(157,20,'2026-05-05T18:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(158,20,'2026-05-05T18:05:00.000Z','USDC','hold',NULL,'0.00008806','under_min_move','{"available":"0.00008806","binding":"min_move","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.00008806"}');
INSERT INTO "decision" VALUES(159,20,'2026-05-05T18:05:00.000Z','USDC','hold',NULL,'3001.31498038','best_already','{"binding":"none","rate":"3.9995%"}');
INSERT INTO "decision" VALUES(160,20,'2026-05-05T18:05:00.000Z','USDT','hold','1003','16404.77837316','not_proven_yet','{"binding":"proof","cost":"1.12361495","gain":"24.70320263","gap_bp":"392.59","gap_per_year":"644.04778297","horizon":"14d","needed":"1.12361495","proven":"0","rate":"2.50%","runner_up":"1004","runner_up_rate":"6.4404%","to":"1004"}');
INSERT INTO "decision" VALUES(161,21,'2026-05-06T00:05:00.000Z','BTC','hold',NULL,'0.00002179','under_product_minimum','{"available":"0.00002179","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00002179"}');
INSERT INTO "decision" VALUES(162,21,'2026-05-06T00:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(163,21,'2026-05-06T00:05:00.000Z','ETH','hold',NULL,'1.0006208','max_per_product','{"available":"1.0006208","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.0006208"}');
INSERT INTO "decision" VALUES(164,21,'2026-05-06T00:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(165,21,'2026-05-06T00:05:00.000Z','USDC','hold',NULL,'0.00008806','under_min_move','{"available":"0.00008806","binding":"min_move","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.00008806"}');
INSERT INTO "decision" VALUES(166,21,'2026-05-06T00:05:00.000Z','USDC','hold',NULL,'3001.31498038','best_already','{"binding":"none","rate":"3.9995%"}');
INSERT INTO "decision" VALUES(167,21,'2026-05-06T00:05:00.000Z','USDT','hold',NULL,'0.00000661','under_min_move','{"available":"100.00000661","binding":"min_move","keep_idle":"100","reserve":"100","runner_up":"1004","runner_up_rate":"6.50%","spendable":"0.00000661"}');
INSERT INTO "decision" VALUES(168,21,'2026-05-06T00:05:00.000Z','USDT','hold','1003','16404.77837316','not_proven_yet','{"binding":"proof","cost":"1.12361495","gain":"24.70320265","gap_bp":"392.59","gap_per_year":"644.0477834","horizon":"14d","needed":"1.12361495","proven":"0","rate":"2.50%","runner_up":"1004","runner_up_rate":"6.4259%","to":"1004"}');
INSERT INTO "decision" VALUES(169,22,'2026-05-06T06:05:00.000Z','USDT','subscribe','1004','1.21668251','compound','{"bands":"1.21668251 at 6.50%","binding":"money","fresh_interest":"1.2166759","gap_bp":"400","gap_per_year":"0.0486673","held":"4000.00001854","rate":"6.50%","runner_up":"1003","runner_up_rate":"2.50%"}');
INSERT INTO "decision" VALUES(170,22,'2026-05-06T06:05:00.000Z','BTC','hold',NULL,'0.00002685','under_product_minimum','{"available":"0.00002685","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00002685"}');
INSERT INTO "decision" VALUES(171,22,'2026-05-06T06:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(172,22,'2026-05-06T06:05:00.000Z','ETH','hold',NULL,'1.00076874','max_per_product','{"available":"1.00076874","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.00076874"}');
INSERT INTO "decision" VALUES(173,22,'2026-05-06T06:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(174,22,'2026-05-06T06:05:00.000Z','USDC','hold',NULL,'0.32885517','under_min_move','{"available":"0.32885517","binding":"min_move","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.32885517"}');
INSERT INTO "decision" VALUES(175,22,'2026-05-06T06:05:00.000Z','USDC','hold','1102','0.67114483','not_proven_yet','{"binding":"proof","cost":"0.00005516","gain":"0.00028253","gap_bp":"109.75","gap_per_year":"0.00736613","horizon":"14d","needed":"0.00005516","proven":"0","rate":"3.00%","runner_up":"1101","runner_up_rate":"2.75%","to":"1101"}');
INSERT INTO "decision" VALUES(176,22,'2026-05-06T06:05:00.000Z','USDT','hold','1003','16404.77837316','not_proven_yet','{"binding":"proof","cost":"1.12361495","gain":"24.70180262","gap_bp":"392.57","gap_per_year":"644.0112827","horizon":"14d","needed":"1.12361495","proven":"0","rate":"2.50%","runner_up":"1004","runner_up_rate":"6.4257%","to":"1004"}');
INSERT INTO "decision" VALUES(177,23,'2026-05-06T12:05:00.000Z','BTC','hold',NULL,'0.00002685','under_product_minimum','{"available":"0.00002685","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00002685"}');
INSERT INTO "decision" VALUES(178,23,'2026-05-06T12:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(179,23,'2026-05-06T12:05:00.000Z','ETH','hold',NULL,'1.00076874','max_per_product','{"available":"1.00076874","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.00076874"}');
INSERT INTO "decision" VALUES(180,23,'2026-05-06T12:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(181,23,'2026-05-06T12:05:00.000Z','USDC','hold',NULL,'0.32885517','under_min_move','{"available":"0.32885517","binding":"min_move","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.32885517"}');
INSERT INTO "decision" VALUES(182,23,'2026-05-06T12:05:00.000Z','USDC','hold','1102','0.67114483','not_proven_yet','{"binding":"proof","cost":"0.00005516","gain":"0.00028253","gap_bp":"109.75","gap_per_year":"0.00736613","horizon":"14d","needed":"0.00005516","proven":"0","rate":"3.00%","runner_up":"1101","runner_up_rate":"2.75%","to":"1101"}');
INSERT INTO "decision" VALUES(183,23,'2026-05-06T12:05:00.000Z','USDT','hold',NULL,'0.00003275','under_min_move','{"available":"100.00003275","binding":"min_move","keep_idle":"100","reserve":"100","runner_up":"1004","runner_up_rate":"6.50%","spendable":"0.00003275"}');
INSERT INTO "decision" VALUES(184,23,'2026-05-06T12:05:00.000Z','USDT','hold','1003','16404.77837316','not_proven_yet','{"binding":"proof","cost":"1.12361495","gain":"24.7018027","gap_bp":"392.57","gap_per_year":"644.01128482","horizon":"14d","needed":"1.12361495","proven":"0","rate":"2.50%","runner_up":"1004","runner_up_rate":"6.4257%","to":"1004"}');
INSERT INTO "decision" VALUES(185,24,'2026-05-06T18:05:00.000Z','BTC','hold',NULL,'0.00002685','under_product_minimum','{"available":"0.00002685","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00002685"}');
INSERT INTO "decision" VALUES(186,24,'2026-05-06T18:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(187,24,'2026-05-06T18:05:00.000Z','ETH','hold',NULL,'1.00076874','max_per_product','{"available":"1.00076874","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.00076874"}');
INSERT INTO "decision" VALUES(188,24,'2026-05-06T18:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(189,24,'2026-05-06T18:05:00.000Z','USDC','hold',NULL,'0.32885517','under_min_move','{"available":"0.32885517","binding":"min_move","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.32885517"}');
INSERT INTO "decision" VALUES(190,24,'2026-05-06T18:05:00.000Z','USDC','hold','1102','0.67114483','not_proven_yet','{"binding":"proof","cost":"0.00005516","gain":"0.00028253","gap_bp":"109.75","gap_per_year":"0.00736613","horizon":"14d","needed":"0.00005516","proven":"0","rate":"3.00%","runner_up":"1101","runner_up_rate":"2.75%","to":"1101"}');
INSERT INTO "decision" VALUES(191,24,'2026-05-06T18:05:00.000Z','USDT','hold',NULL,'0.00003275','under_min_move','{"available":"100.00003275","binding":"min_move","keep_idle":"100","reserve":"100","runner_up":"1004","runner_up_rate":"6.50%","spendable":"0.00003275"}');
INSERT INTO "decision" VALUES(192,24,'2026-05-06T18:05:00.000Z','USDT','hold','1003','16404.77837316','not_proven_yet','{"binding":"proof","cost":"1.12361495","gain":"24.7018027","gap_bp":"392.57","gap_per_year":"644.01128482","horizon":"14d","needed":"1.12361495","proven":"0","rate":"2.50%","runner_up":"1004","runner_up_rate":"6.4257%","to":"1004"}');
INSERT INTO "decision" VALUES(193,25,'2026-05-07T00:05:00.000Z','BTC','hold',NULL,'0.00002685','under_product_minimum','{"available":"0.00002685","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00002685"}');
INSERT INTO "decision" VALUES(194,25,'2026-05-07T00:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(195,25,'2026-05-07T00:05:00.000Z','ETH','hold',NULL,'1.00076874','max_per_product','{"available":"1.00076874","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.00076874"}');
INSERT INTO "decision" VALUES(196,25,'2026-05-07T00:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(197,25,'2026-05-07T00:05:00.000Z','USDC','hold',NULL,'0.32885517','under_min_move','{"available":"0.32885517","binding":"min_move","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.32885517"}');
INSERT INTO "decision" VALUES(198,25,'2026-05-07T00:05:00.000Z','USDC','hold','1102','0.67114483','not_proven_yet','{"binding":"proof","cost":"0.00005516","gain":"0.00028253","gap_bp":"109.75","gap_per_year":"0.00736613","horizon":"14d","needed":"0.00005516","proven":"0","rate":"3.00%","runner_up":"1101","runner_up_rate":"2.75%","to":"1101"}');
INSERT INTO "decision" VALUES(199,25,'2026-05-07T00:05:00.000Z','USDT','hold',NULL,'0.00003275','under_min_move','{"available":"100.00003275","binding":"min_move","keep_idle":"100","reserve":"100","runner_up":"1004","runner_up_rate":"6.50%","spendable":"0.00003275"}');
INSERT INTO "decision" VALUES(200,25,'2026-05-07T00:05:00.000Z','USDT','hold','1003','16404.77837316','not_proven_yet','{"binding":"proof","cost":"1.12361495","gain":"24.7018027","gap_bp":"392.57","gap_per_year":"644.01128482","horizon":"14d","needed":"1.12361495","proven":"0","rate":"2.50%","runner_up":"1004","runner_up_rate":"6.4257%","to":"1004"}');
INSERT INTO "decision" VALUES(201,26,'2026-05-07T06:05:00.000Z','USDT','subscribe','1004','1.92912714','compound','{"bands":"1.92912714 at 6.50%","binding":"money","fresh_interest":"1.92909439","gap_bp":"400","gap_per_year":"0.07716508","held":"4001.2166683","rate":"6.50%","runner_up":"1003","runner_up_rate":"2.50%"}');
INSERT INTO "decision" VALUES(202,26,'2026-05-07T06:05:00.000Z','BTC','hold',NULL,'0.00003191','under_product_minimum','{"available":"0.00003191","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00003191"}');
INSERT INTO "decision" VALUES(203,26,'2026-05-07T06:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(204,26,'2026-05-07T06:05:00.000Z','ETH','hold',NULL,'1.00091668','max_per_product','{"available":"1.00091668","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.00091668"}');
INSERT INTO "decision" VALUES(205,26,'2026-05-07T06:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(206,26,'2026-05-07T06:05:00.000Z','USDC','hold',NULL,'0.65773036','under_product_minimum','{"available":"0.65773036","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.65773036"}');
INSERT INTO "decision" VALUES(207,26,'2026-05-07T06:05:00.000Z','USDC','hold','1102','0.5','not_proven_yet','{"binding":"proof","cost":"0.00004109","gain":"0.00064584","gap_bp":"336.76","gap_per_year":"0.01683806","horizon":"14d","needed":"0.00004109","proven":"0","rate":"3.00%","runner_up":"1101","runner_up_rate":"2.75%","to":"1101"}');
INSERT INTO "decision" VALUES(208,26,'2026-05-07T06:05:00.000Z','USDT','hold','1003','16404.77837316','not_proven_yet','{"binding":"proof","cost":"1.12361495","gain":"24.69958284","gap_bp":"392.54","gap_per_year":"643.95340986","horizon":"14d","needed":"1.12361495","proven":"0","rate":"2.50%","runner_up":"1004","runner_up_rate":"6.4254%","to":"1004"}');
INSERT INTO "decision" VALUES(209,27,'2026-05-07T12:05:00.000Z','USDT','redeem','1003','80','refill','{"idle":"20","refill_below":"50","refill_to":"100"}');
INSERT INTO "decision" VALUES(210,27,'2026-05-07T12:05:02.000Z','BTC','hold',NULL,'0.00003191','under_product_minimum','{"available":"0.00003191","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00003191"}');
INSERT INTO "decision" VALUES(211,27,'2026-05-07T12:05:02.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(212,27,'2026-05-07T12:05:02.000Z','ETH','hold',NULL,'1.00091668','max_per_product','{"available":"1.00091668","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.00091668"}');
INSERT INTO "decision" VALUES(213,27,'2026-05-07T12:05:02.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(214,27,'2026-05-07T12:05:02.000Z','USDC','hold',NULL,'0.65773036','under_product_minimum','{"available":"0.65773036","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.65773036"}');
INSERT INTO "decision" VALUES(215,27,'2026-05-07T12:05:02.000Z','USDC','hold','1102','0.5','not_proven_yet','{"binding":"proof","cost":"0.00004109","gain":"0.00064584","gap_bp":"336.76","gap_per_year":"0.01683806","horizon":"14d","needed":"0.00004109","proven":"0","rate":"3.00%","runner_up":"1101","runner_up_rate":"2.75%","to":"1101"}');
INSERT INTO "decision" VALUES(216,27,'2026-05-07T12:05:02.000Z','USDT','hold',NULL,'100','kept_as_reserve','{"available":"100","binding":"reserve","keep_idle":"100","reserve":"100"}');
INSERT INTO "decision" VALUES(217,27,'2026-05-07T12:05:02.000Z','USDT','hold','1003','16324.77837316','not_proven_yet','{"binding":"proof","cost":"1.1181355","gain":"24.668898","gap_bp":"393.97","gap_per_year":"643.15341217","horizon":"14d","needed":"1.1181355","proven":"0","rate":"2.50%","runner_up":"1004","runner_up_rate":"6.4397%","to":"1004"}');
INSERT INTO "decision" VALUES(218,28,'2026-05-07T18:05:00.000Z','BTC','hold',NULL,'0.00003191','under_product_minimum','{"available":"0.00003191","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00003191"}');
INSERT INTO "decision" VALUES(219,28,'2026-05-07T18:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(220,28,'2026-05-07T18:05:00.000Z','ETH','hold',NULL,'1.00091668','max_per_product','{"available":"1.00091668","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.00091668"}');
INSERT INTO "decision" VALUES(221,28,'2026-05-07T18:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(222,28,'2026-05-07T18:05:00.000Z','USDC','hold',NULL,'0.65773036','under_product_minimum','{"available":"0.65773036","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.65773036"}');
INSERT INTO "decision" VALUES(223,28,'2026-05-07T18:05:00.000Z','USDC','hold','1102','0.5','not_proven_yet','{"binding":"proof","cost":"0.00004109","gain":"0.00064584","gap_bp":"336.76","gap_per_year":"0.01683806","horizon":"14d","needed":"0.00004109","proven":"0","rate":"3.00%","runner_up":"1101","runner_up_rate":"2.75%","to":"1101"}');
INSERT INTO "decision" VALUES(224,28,'2026-05-07T18:05:00.000Z','USDT','hold',NULL,'100','kept_as_reserve','{"available":"100","binding":"reserve","keep_idle":"100","reserve":"100"}');
INSERT INTO "decision" VALUES(225,28,'2026-05-07T18:05:00.000Z','USDT','hold','1003','16324.77837316','not_proven_yet','{"binding":"proof","cost":"1.1181355","gain":"24.668898","gap_bp":"393.97","gap_per_year":"643.15341217","horizon":"14d","needed":"1.1181355","proven":"0","rate":"2.50%","runner_up":"1004","runner_up_rate":"6.4397%","to":"1004"}');
INSERT INTO "decision" VALUES(226,29,'2026-05-08T00:05:00.000Z','BTC','hold',NULL,'0.00003191','under_product_minimum','{"available":"0.00003191","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00003191"}');
INSERT INTO "decision" VALUES(227,29,'2026-05-08T00:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(228,29,'2026-05-08T00:05:00.000Z','ETH','hold',NULL,'1.00091668','max_per_product','{"available":"1.00091668","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.00091668"}');
INSERT INTO "decision" VALUES(229,29,'2026-05-08T00:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(230,29,'2026-05-08T00:05:00.000Z','USDC','hold',NULL,'0.65773036','under_product_minimum','{"available":"0.65773036","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.65773036"}');
INSERT INTO "decision" VALUES(231,29,'2026-05-08T00:05:00.000Z','USDC','hold','1102','0.5','not_proven_yet','{"binding":"proof","cost":"0.00004109","gain":"0.00064584","gap_bp":"336.76","gap_per_year":"0.01683806","horizon":"14d","needed":"0.00004109","proven":"0","rate":"3.00%","runner_up":"1101","runner_up_rate":"2.75%","to":"1101"}');
INSERT INTO "decision" VALUES(232,29,'2026-05-08T00:05:00.000Z','USDT','hold',NULL,'100','kept_as_reserve','{"available":"100","binding":"reserve","keep_idle":"100","reserve":"100"}');
INSERT INTO "decision" VALUES(233,29,'2026-05-08T00:05:00.000Z','USDT','hold','1003','16324.77837316','not_proven_yet','{"binding":"proof","cost":"1.1181355","gain":"24.668898","gap_bp":"393.97","gap_per_year":"643.15341217","horizon":"14d","needed":"1.1181355","proven":"0","rate":"2.50%","runner_up":"1004","runner_up_rate":"6.4397%","to":"1004"}');
INSERT INTO "decision" VALUES(234,30,'2026-05-08T06:05:00.000Z','USDT','subscribe','1004','1.9238316','compound','{"bands":"1.9238316 at 6.50%","binding":"money","fresh_interest":"1.9238316","gap_bp":"400","gap_per_year":"0.07695326","held":"4003.14571859","rate":"6.50%","runner_up":"1003","runner_up_rate":"2.50%"}');
INSERT INTO "decision" VALUES(235,30,'2026-05-08T06:05:00.000Z','BTC','hold',NULL,'0.00003697','under_product_minimum','{"available":"0.00003697","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00003697"}');
INSERT INTO "decision" VALUES(236,30,'2026-05-08T06:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(237,30,'2026-05-08T06:05:00.000Z','ETH','hold',NULL,'1.00106462','max_per_product','{"available":"1.00106462","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.00106462"}');
INSERT INTO "decision" VALUES(238,30,'2026-05-08T06:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(239,30,'2026-05-08T06:05:00.000Z','USDC','hold',NULL,'0.98660555','under_product_minimum','{"available":"0.98660555","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.98660555"}');
INSERT INTO "decision" VALUES(240,30,'2026-05-08T06:05:00.000Z','USDC','hold','1102','0.5','not_proven_yet','{"binding":"proof","cost":"0.00004109","gain":"0.00099273","gap_bp":"517.64","gap_per_year":"0.02588213","horizon":"14d","needed":"0.00004109","proven":"0","rate":"3.00%","runner_up":"1101","runner_up_rate":"2.75%","to":"1101"}');
INSERT INTO "decision" VALUES(241,30,'2026-05-08T06:05:00.000Z','USDT','hold','1003','16324.77837316','not_proven_yet','{"binding":"proof","cost":"1.1181355","gain":"24.66668427","gap_bp":"393.93","gap_per_year":"643.09569722","horizon":"14d","needed":"1.1181355","proven":"0","rate":"2.50%","runner_up":"1004","runner_up_rate":"6.4393%","to":"1004"}');
INSERT INTO "decision" VALUES(242,31,'2026-05-08T12:05:00.000Z','BTC','hold',NULL,'0.00003697','under_product_minimum','{"available":"0.00003697","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00003697"}');
INSERT INTO "decision" VALUES(243,31,'2026-05-08T12:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(244,31,'2026-05-08T12:05:00.000Z','ETH','hold',NULL,'1.00106462','max_per_product','{"available":"1.00106462","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.00106462"}');
INSERT INTO "decision" VALUES(245,31,'2026-05-08T12:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(246,31,'2026-05-08T12:05:00.000Z','USDC','hold',NULL,'0.98660555','under_product_minimum','{"available":"0.98660555","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.98660555"}');
INSERT INTO "decision" VALUES(247,31,'2026-05-08T12:05:00.000Z','USDC','hold','1102','0.5','not_proven_yet','{"binding":"proof","cost":"0.00004109","gain":"0.00099273","gap_bp":"517.64","gap_per_year":"0.02588213","horizon":"14d","needed":"0.00004109","proven":"0","rate":"3.00%","runner_up":"1101","runner_up_rate":"2.75%","to":"1101"}');
INSERT INTO "decision" VALUES(248,31,'2026-05-08T12:05:00.000Z','USDT','hold',NULL,'0.00008349','under_min_move','{"available":"100.00008349","binding":"min_move","keep_idle":"100","reserve":"100","runner_up":"1004","runner_up_rate":"6.50%","spendable":"0.00008349"}');
INSERT INTO "decision" VALUES(249,31,'2026-05-08T12:05:00.000Z','USDT','hold','1003','16324.77837316','not_proven_yet','{"binding":"proof","cost":"1.1181355","gain":"24.66668448","gap_bp":"393.93","gap_per_year":"643.09570265","horizon":"14d","needed":"1.1181355","proven":"0","rate":"2.50%","runner_up":"1004","runner_up_rate":"6.4393%","to":"1004"}');
INSERT INTO "decision" VALUES(250,32,'2026-05-08T18:05:00.000Z','BTC','hold',NULL,'0.00003697','under_product_minimum','{"available":"0.00003697","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1201","runner_up_rate":"0.40%","spendable":"0.00003697"}');
INSERT INTO "decision" VALUES(251,32,'2026-05-08T18:05:00.000Z','BTC','hold',NULL,'0.24999845','best_already','{"binding":"none","rate":"0.74%"}');
INSERT INTO "decision" VALUES(252,32,'2026-05-08T18:05:00.000Z','ETH','hold',NULL,'1.00106462','max_per_product','{"available":"1.00106462","binding":"max_per_product","keep_idle":"0","reserve":"0","runner_up":"1301","runner_up_rate":"1.80%","spendable":"1.00106462"}');
INSERT INTO "decision" VALUES(253,32,'2026-05-08T18:05:00.000Z','ETH','hold',NULL,'2.99997096','best_already','{"binding":"none","rate":"1.80%"}');
INSERT INTO "decision" VALUES(254,32,'2026-05-08T18:05:00.000Z','USDC','hold',NULL,'0.98660555','under_product_minimum','{"available":"0.98660555","binding":"product_minimum","keep_idle":"0","reserve":"0","runner_up":"1101","runner_up_rate":"4.50%","spendable":"0.98660555"}');
INSERT INTO "decision" VALUES(255,32,'2026-05-08T18:05:00.000Z','USDC','hold','1102','0.5','not_proven_yet','{"binding":"proof","cost":"0.00004109","gain":"0.00099273","gap_bp":"517.64","gap_per_year":"0.02588213","horizon":"14d","needed":"0.00004109","proven":"0","rate":"3.00%","runner_up":"1101","runner_up_rate":"2.75%","to":"1101"}');
INSERT INTO "decision" VALUES(256,32,'2026-05-08T18:05:00.000Z','USDT','hold',NULL,'0.00008349','under_min_move','{"available":"100.00008349","binding":"min_move","keep_idle":"100","reserve":"100","runner_up":"1004","runner_up_rate":"6.50%","spendable":"0.00008349"}');
INSERT INTO "decision" VALUES(257,32,'2026-05-08T18:05:00.000Z','USDT','hold','1003','16324.77837316','not_proven_yet','{"binding":"proof","cost":"1.1181355","gain":"24.66668448","gap_bp":"393.93","gap_per_year":"643.09570265","horizon":"14d","needed":"1.1181355","proven":"0","rate":"2.50%","runner_up":"1004","runner_up_rate":"6.4393%","to":"1004"}');
INSERT INTO "decision" VALUES(258,38,'2026-05-08T21:21:00.000Z','SOL','hold','p-SOL',NULL,'paused','{"why":"é"}');
INSERT INTO "decision" VALUES(259,38,'2026-05-08T21:21:00.000Z','SOL','hold','p-SOL',NULL,'paused','{}');
CREATE TABLE holding_seen (        -- what we hold, as established from all witnesses
  holding_seen_id INTEGER PRIMARY KEY AUTOINCREMENT,
  cycle_id   INTEGER NOT NULL REFERENCES cycle,
  at         TEXT NOT NULL CHECK (at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
  coin       TEXT NOT NULL,
  product_id TEXT NOT NULL,
  earn_id    TEXT,                     -- NULL: the exchange shows no position
  amount     TEXT NOT NULL,
  verified   INTEGER NOT NULL CHECK (verified IN (0, 1)),
  why        TEXT NOT NULL,            -- what does not add up; '' when verified
  CHECK (verified = 0 OR why = ''),
  CHECK (amount GLOB '[0-9]*' AND amount NOT GLOB '*[^0-9.]*' AND amount NOT GLOB '*.*.*'
         AND amount NOT GLOB '0[0-9]*' AND amount NOT GLOB '*.' AND amount NOT GLOB '*.*0'
         AND instr(amount || '.', '.') <= 21 AND length(amount) - instr(amount || '.', '.') <= 18)
) STRICT;
INSERT INTO "holding_seen" VALUES(1,1,'2026-05-01T00:05:08.000Z','BTC','1201','200001','0.24999845',1,'');
INSERT INTO "holding_seen" VALUES(2,1,'2026-05-01T00:05:08.000Z','ETH','1301','200002','2.99997096',1,'');
INSERT INTO "holding_seen" VALUES(3,1,'2026-05-01T00:05:08.000Z','USDC','1101','200003','1999.9999727',1,'');
INSERT INTO "holding_seen" VALUES(4,1,'2026-05-01T00:05:08.000Z','USDC','1102','200004','999.99999956',1,'');
INSERT INTO "holding_seen" VALUES(5,1,'2026-05-01T00:05:08.000Z','USDT','1001','200006','11399.99998439',1,'');
INSERT INTO "holding_seen" VALUES(6,1,'2026-05-01T00:05:08.000Z','USDT','1002','200005','499.99992136',1,'');
INSERT INTO "holding_seen" VALUES(7,6,'2026-05-02T06:05:02.000Z','USDT','1001','200006','16401.7342768',1,'');
INSERT INTO "holding_seen" VALUES(8,10,'2026-05-03T06:05:02.000Z','USDT','1001','200006','16403.46855475',1,'');
INSERT INTO "holding_seen" VALUES(9,13,'2026-05-04T00:05:02.000Z','USDT','1001','200006','0',1,'');
INSERT INTO "holding_seen" VALUES(10,13,'2026-05-04T00:05:04.000Z','USDT','1003','200007','16403.4684962',1,'');
INSERT INTO "holding_seen" VALUES(11,18,'2026-05-05T06:05:02.000Z','USDC','1102','200004','1001.31500768',1,'');
INSERT INTO "holding_seen" VALUES(12,18,'2026-05-05T06:05:02.000Z','USDT','1003','200007','16404.77837316',1,'');
INSERT INTO "holding_seen" VALUES(13,20,'2026-05-05T18:05:02.000Z','USDT','1004','200008','4000.00001854',1,'');
INSERT INTO "holding_seen" VALUES(14,22,'2026-05-06T06:05:02.000Z','USDT','1004','200008','4001.2166683',1,'');
INSERT INTO "holding_seen" VALUES(15,26,'2026-05-07T06:05:02.000Z','USDT','1004','200008','4003.14571859',1,'');
INSERT INTO "holding_seen" VALUES(16,27,'2026-05-07T12:05:02.000Z','USDT','1003','200007','16324.77837316',1,'');
INSERT INTO "holding_seen" VALUES(17,30,'2026-05-08T06:05:02.000Z','USDT','1004','200008','4005.0694667',1,'');
CREATE TABLE ledger (              -- one row: whose ledger this is; earnd refuses any other
  id            INTEGER PRIMARY KEY CHECK (id = 1),
  mode          TEXT NOT NULL CHECK (mode IN ('dry-run', 'paper', 'live')),
  account_label TEXT NOT NULL,
  created_at    TEXT NOT NULL CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
  created_by    TEXT NOT NULL          -- the version of earnd
) STRICT;
INSERT INTO "ledger" VALUES(1,'live','practice (sandbox)','2026-05-01T00:05:00.000Z','0.1.0');
CREATE TABLE look (                -- every look, also one that found nothing new
  look_id       INTEGER PRIMARY KEY AUTOINCREMENT,
  cycle_id      INTEGER NOT NULL REFERENCES cycle,
  at            TEXT NOT NULL CHECK (at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
  kind          TEXT NOT NULL          -- holdings: not a look, but what was made of one
                CHECK (kind IN ('full', 'wallet', 'holdings')),
  products      INTEGER,               -- how many of each were listed
  positions     INTEGER,
  coins         INTEGER,
  holdings      INTEGER,
  clock_skew_ms INTEGER                -- the exchange's clock minus ours
) STRICT;
INSERT INTO "look" VALUES(1,1,'2026-05-01T00:05:00.000Z','full',7,0,4,NULL,4);
INSERT INTO "look" VALUES(2,1,'2026-05-01T00:05:00.000Z','holdings',NULL,NULL,NULL,0,NULL);
INSERT INTO "look" VALUES(3,1,'2026-05-01T00:05:00.000Z','wallet',NULL,NULL,4,NULL,NULL);
INSERT INTO "look" VALUES(4,1,'2026-05-01T00:05:02.000Z','wallet',NULL,NULL,4,NULL,NULL);
INSERT INTO "look" VALUES(5,1,'2026-05-01T00:05:02.000Z','wallet',NULL,NULL,4,NULL,NULL);
INSERT INTO "look" VALUES(6,1,'2026-05-01T00:05:04.000Z','wallet',NULL,NULL,4,NULL,NULL);
INSERT INTO "look" VALUES(7,1,'2026-05-01T00:05:04.000Z','wallet',NULL,NULL,4,NULL,NULL);
INSERT INTO "look" VALUES(8,1,'2026-05-01T00:05:06.000Z','wallet',NULL,NULL,4,NULL,NULL);
INSERT INTO "look" VALUES(9,1,'2026-05-01T00:05:06.000Z','full',7,6,4,NULL,4);
INSERT INTO "look" VALUES(10,1,'2026-05-01T00:05:08.000Z','holdings',NULL,NULL,NULL,6,NULL);
INSERT INTO "look" VALUES(11,2,'2026-05-01T06:05:00.000Z','full',7,6,4,NULL,2);
INSERT INTO "look" VALUES(12,2,'2026-05-01T06:05:00.000Z','holdings',NULL,NULL,NULL,6,NULL);
INSERT INTO "look" VALUES(13,3,'2026-05-01T12:05:00.000Z','full',7,6,4,NULL,1);
INSERT INTO "look" VALUES(14,3,'2026-05-01T12:05:00.000Z','holdings',NULL,NULL,NULL,6,NULL);
INSERT INTO "look" VALUES(15,4,'2026-05-01T18:05:00.000Z','full',7,6,4,NULL,1);
INSERT INTO "look" VALUES(16,4,'2026-05-01T18:05:00.000Z','holdings',NULL,NULL,NULL,6,NULL);
INSERT INTO "look" VALUES(17,5,'2026-05-02T00:05:00.000Z','full',7,6,4,NULL,2);
INSERT INTO "look" VALUES(18,5,'2026-05-02T00:05:00.000Z','holdings',NULL,NULL,NULL,6,NULL);
INSERT INTO "look" VALUES(19,6,'2026-05-02T06:05:00.000Z','full',7,6,4,NULL,2);
INSERT INTO "look" VALUES(20,6,'2026-05-02T06:05:00.000Z','holdings',NULL,NULL,NULL,6,NULL);
INSERT INTO "look" VALUES(21,6,'2026-05-02T06:05:00.000Z','wallet',NULL,NULL,4,NULL,NULL);
INSERT INTO "look" VALUES(22,6,'2026-05-02T06:05:00.000Z','full',7,6,4,NULL,2);
INSERT INTO "look" VALUES(23,6,'2026-05-02T06:05:02.000Z','holdings',NULL,NULL,NULL,6,NULL);
INSERT INTO "look" VALUES(24,7,'2026-05-02T12:05:00.000Z','full',7,6,4,NULL,2);
INSERT INTO "look" VALUES(25,7,'2026-05-02T12:05:00.000Z','holdings',NULL,NULL,NULL,6,NULL);
INSERT INTO "look" VALUES(26,8,'2026-05-02T18:05:00.000Z','full',7,6,4,NULL,1);
INSERT INTO "look" VALUES(27,8,'2026-05-02T18:05:00.000Z','holdings',NULL,NULL,NULL,6,NULL);
INSERT INTO "look" VALUES(28,9,'2026-05-03T00:05:00.000Z','full',7,6,4,NULL,2);
INSERT INTO "look" VALUES(29,9,'2026-05-03T00:05:00.000Z','holdings',NULL,NULL,NULL,6,NULL);
INSERT INTO "look" VALUES(30,10,'2026-05-03T06:05:00.000Z','full',7,6,4,NULL,2);
INSERT INTO "look" VALUES(31,10,'2026-05-03T06:05:00.000Z','holdings',NULL,NULL,NULL,6,NULL);
INSERT INTO "look" VALUES(32,10,'2026-05-03T06:05:00.000Z','wallet',NULL,NULL,4,NULL,NULL);
INSERT INTO "look" VALUES(33,10,'2026-05-03T06:05:00.000Z','full',7,6,4,NULL,2);
INSERT INTO "look" VALUES(34,10,'2026-05-03T06:05:02.000Z','holdings',NULL,NULL,NULL,6,NULL);
INSERT INTO "look" VALUES(35,11,'2026-05-03T12:05:00.000Z','full',7,6,4,NULL,1);
INSERT INTO "look" VALUES(36,11,'2026-05-03T12:05:00.000Z','holdings',NULL,NULL,NULL,6,NULL);
INSERT INTO "look" VALUES(37,12,'2026-05-03T18:05:00.000Z','full',7,6,4,NULL,1);
INSERT INTO "look" VALUES(38,12,'2026-05-03T18:05:00.000Z','holdings',NULL,NULL,NULL,6,NULL);
INSERT INTO "look" VALUES(39,13,'2026-05-04T00:05:00.000Z','full',7,6,4,NULL,1);
INSERT INTO "look" VALUES(40,13,'2026-05-04T00:05:00.000Z','holdings',NULL,NULL,NULL,6,NULL);
INSERT INTO "look" VALUES(41,13,'2026-05-04T00:05:00.000Z','wallet',NULL,NULL,4,NULL,NULL);
INSERT INTO "look" VALUES(42,13,'2026-05-04T00:05:00.000Z','full',7,6,4,NULL,1);
INSERT INTO "look" VALUES(43,13,'2026-05-04T00:05:02.000Z','holdings',NULL,NULL,NULL,6,NULL);
INSERT INTO "look" VALUES(44,13,'2026-05-04T00:05:02.000Z','wallet',NULL,NULL,4,NULL,NULL);
INSERT INTO "look" VALUES(45,13,'2026-05-04T00:05:02.000Z','full',7,7,4,NULL,1);
INSERT INTO "look" VALUES(46,13,'2026-05-04T00:05:04.000Z','holdings',NULL,NULL,NULL,7,NULL);
INSERT INTO "look" VALUES(47,14,'2026-05-04T06:05:00.000Z','full',7,7,4,NULL,1);
INSERT INTO "look" VALUES(48,14,'2026-05-04T06:05:00.000Z','holdings',NULL,NULL,NULL,7,NULL);
INSERT INTO "look" VALUES(49,15,'2026-05-04T12:05:00.000Z','full',7,7,4,NULL,1);
INSERT INTO "look" VALUES(50,15,'2026-05-04T12:05:00.000Z','holdings',NULL,NULL,NULL,7,NULL);
INSERT INTO "look" VALUES(51,16,'2026-05-04T18:05:00.000Z','full',7,7,4,NULL,1);
INSERT INTO "look" VALUES(52,16,'2026-05-04T18:05:00.000Z','holdings',NULL,NULL,NULL,7,NULL);
INSERT INTO "look" VALUES(53,17,'2026-05-05T00:05:00.000Z','full',7,7,4,NULL,1);
INSERT INTO "look" VALUES(54,17,'2026-05-05T00:05:00.000Z','holdings',NULL,NULL,NULL,7,NULL);
INSERT INTO "look" VALUES(55,18,'2026-05-05T06:05:00.000Z','full',7,7,4,NULL,1);
INSERT INTO "look" VALUES(56,18,'2026-05-05T06:05:00.000Z','holdings',NULL,NULL,NULL,7,NULL);
INSERT INTO "look" VALUES(57,18,'2026-05-05T06:05:00.000Z','wallet',NULL,NULL,4,NULL,NULL);
INSERT INTO "look" VALUES(58,18,'2026-05-05T06:05:02.000Z','wallet',NULL,NULL,4,NULL,NULL);
INSERT INTO "look" VALUES(59,18,'2026-05-05T06:05:02.000Z','full',7,7,4,NULL,1);
INSERT INTO "look" VALUES(60,18,'2026-05-05T06:05:02.000Z','holdings',NULL,NULL,NULL,7,NULL);
INSERT INTO "look" VALUES(61,19,'2026-05-05T12:05:00.000Z','full',7,7,4,NULL,1);
INSERT INTO "look" VALUES(62,19,'2026-05-05T12:05:00.000Z','holdings',NULL,NULL,NULL,7,NULL);
INSERT INTO "look" VALUES(63,20,'2026-05-05T18:05:00.000Z','full',8,7,4,NULL,1);
INSERT INTO "look" VALUES(64,20,'2026-05-05T18:05:00.000Z','holdings',NULL,NULL,NULL,7,NULL);
INSERT INTO "look" VALUES(65,20,'2026-05-05T18:05:00.000Z','wallet',NULL,NULL,4,NULL,NULL);
INSERT INTO "look" VALUES(66,20,'2026-05-05T18:05:00.000Z','full',8,8,4,NULL,1);
INSERT INTO "look" VALUES(67,20,'2026-05-05T18:05:02.000Z','holdings',NULL,NULL,NULL,8,NULL);
INSERT INTO "look" VALUES(68,21,'2026-05-06T00:05:00.000Z','full',8,8,4,NULL,1);
INSERT INTO "look" VALUES(69,21,'2026-05-06T00:05:00.000Z','holdings',NULL,NULL,NULL,8,NULL);
INSERT INTO "look" VALUES(70,22,'2026-05-06T06:05:00.000Z','full',8,8,4,NULL,1);
INSERT INTO "look" VALUES(71,22,'2026-05-06T06:05:00.000Z','holdings',NULL,NULL,NULL,8,NULL);
INSERT INTO "look" VALUES(72,22,'2026-05-06T06:05:00.000Z','wallet',NULL,NULL,4,NULL,NULL);
INSERT INTO "look" VALUES(73,22,'2026-05-06T06:05:00.000Z','full',8,8,4,NULL,1);
INSERT INTO "look" VALUES(74,22,'2026-05-06T06:05:02.000Z','holdings',NULL,NULL,NULL,8,NULL);
INSERT INTO "look" VALUES(75,23,'2026-05-06T12:05:00.000Z','full',8,8,4,NULL,1);
INSERT INTO "look" VALUES(76,23,'2026-05-06T12:05:00.000Z','holdings',NULL,NULL,NULL,8,NULL);
INSERT INTO "look" VALUES(77,24,'2026-05-06T18:05:00.000Z','full',8,8,4,NULL,2);
INSERT INTO "look" VALUES(78,24,'2026-05-06T18:05:00.000Z','holdings',NULL,NULL,NULL,8,NULL);
INSERT INTO "look" VALUES(79,25,'2026-05-07T00:05:00.000Z','full',8,8,4,NULL,2);
INSERT INTO "look" VALUES(80,25,'2026-05-07T00:05:00.000Z','holdings',NULL,NULL,NULL,8,NULL);
INSERT INTO "look" VALUES(81,26,'2026-05-07T06:05:00.000Z','full',8,8,4,NULL,2);
INSERT INTO "look" VALUES(82,26,'2026-05-07T06:05:00.000Z','holdings',NULL,NULL,NULL,8,NULL);
INSERT INTO "look" VALUES(83,26,'2026-05-07T06:05:00.000Z','wallet',NULL,NULL,4,NULL,NULL);
INSERT INTO "look" VALUES(84,26,'2026-05-07T06:05:00.000Z','full',8,8,4,NULL,2);
INSERT INTO "look" VALUES(85,26,'2026-05-07T06:05:02.000Z','holdings',NULL,NULL,NULL,8,NULL);
INSERT INTO "look" VALUES(86,27,'2026-05-07T12:05:00.000Z','full',8,8,4,NULL,1);
INSERT INTO "look" VALUES(87,27,'2026-05-07T12:05:00.000Z','holdings',NULL,NULL,NULL,8,NULL);
INSERT INTO "look" VALUES(88,27,'2026-05-07T12:05:00.000Z','wallet',NULL,NULL,4,NULL,NULL);
INSERT INTO "look" VALUES(89,27,'2026-05-07T12:05:00.000Z','full',8,8,4,NULL,1);
INSERT INTO "look" VALUES(90,27,'2026-05-07T12:05:02.000Z','holdings',NULL,NULL,NULL,8,NULL);
INSERT INTO "look" VALUES(91,27,'2026-05-07T12:05:02.000Z','full',8,8,4,NULL,1);
INSERT INTO "look" VALUES(92,27,'2026-05-07T12:05:02.000Z','holdings',NULL,NULL,NULL,8,NULL);
INSERT INTO "look" VALUES(93,28,'2026-05-07T18:05:00.000Z','full',8,8,4,NULL,1);
INSERT INTO "look" VALUES(94,28,'2026-05-07T18:05:00.000Z','holdings',NULL,NULL,NULL,8,NULL);
INSERT INTO "look" VALUES(95,29,'2026-05-08T00:05:00.000Z','full',8,8,4,NULL,1);
INSERT INTO "look" VALUES(96,29,'2026-05-08T00:05:00.000Z','holdings',NULL,NULL,NULL,8,NULL);
INSERT INTO "look" VALUES(97,30,'2026-05-08T06:05:00.000Z','full',8,8,4,NULL,1);
INSERT INTO "look" VALUES(98,30,'2026-05-08T06:05:00.000Z','holdings',NULL,NULL,NULL,8,NULL);
INSERT INTO "look" VALUES(99,30,'2026-05-08T06:05:00.000Z','wallet',NULL,NULL,4,NULL,NULL);
INSERT INTO "look" VALUES(100,30,'2026-05-08T06:05:00.000Z','full',8,8,4,NULL,1);
INSERT INTO "look" VALUES(101,30,'2026-05-08T06:05:02.000Z','holdings',NULL,NULL,NULL,8,NULL);
INSERT INTO "look" VALUES(102,31,'2026-05-08T12:05:00.000Z','full',8,8,4,NULL,1);
INSERT INTO "look" VALUES(103,31,'2026-05-08T12:05:00.000Z','holdings',NULL,NULL,NULL,8,NULL);
INSERT INTO "look" VALUES(104,32,'2026-05-08T18:05:00.000Z','full',8,8,4,NULL,1);
INSERT INTO "look" VALUES(105,32,'2026-05-08T18:05:00.000Z','holdings',NULL,NULL,NULL,8,NULL);
INSERT INTO "look" VALUES(106,33,'2026-05-08T18:10:00.000Z','full',9,8,4,NULL,-3);
INSERT INTO "look" VALUES(107,34,'2026-05-08T18:15:00.000Z','full',8,8,4,NULL,-3);
INSERT INTO "look" VALUES(108,34,'2026-05-08T18:15:00.000Z','wallet',NULL,NULL,4,NULL,NULL);
CREATE TABLE operator_note (       -- what a person did, and why
  operator_note_id INTEGER PRIMARY KEY AUTOINCREMENT,
  at        TEXT NOT NULL CHECK (at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
  who       TEXT NOT NULL,
  action_id INTEGER REFERENCES action,
  text      TEXT NOT NULL CHECK (text <> '')
) STRICT;
INSERT INTO "operator_note" VALUES(1,'2026-05-08T20:16:00.000Z','ann',24,'seen on the page');
INSERT INTO "operator_note" VALUES(2,'2026-05-08T20:16:00.000Z','ann',25,'seen on the page');
CREATE TABLE position_seen (       -- the exchange's row for what we hold in a product
  position_seen_id INTEGER PRIMARY KEY AUTOINCREMENT,
  cycle_id       INTEGER NOT NULL REFERENCES cycle,
  seen_at        TEXT NOT NULL CHECK (seen_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
  earn_id        TEXT NOT NULL,
  product_id     TEXT NOT NULL,
  coin           TEXT NOT NULL,
  listed         INTEGER NOT NULL CHECK (listed IN (0, 1)),  -- 0: gone; the rest is what was last seen
  apy            TEXT NOT NULL,
  additional_apy TEXT NOT NULL,
  total_profit   TEXT NOT NULL,
  auto_subscribe INTEGER NOT NULL CHECK (auto_subscribe IN (0, 1)),  -- the exchange's own switch
  amount         TEXT,                 -- the API page has no amount; kept if one ever appears
  CHECK (apy GLOB '[0-9]*' AND apy NOT GLOB '*[^0-9.]*' AND apy NOT GLOB '*.*.*'
         AND apy NOT GLOB '0[0-9]*' AND apy NOT GLOB '*.' AND apy NOT GLOB '*.*0'
         AND instr(apy || '.', '.') <= 21 AND length(apy) - instr(apy || '.', '.') <= 20),
  CHECK (additional_apy GLOB '[0-9]*' AND additional_apy NOT GLOB '*[^0-9.]*' AND additional_apy NOT GLOB '*.*.*'
         AND additional_apy NOT GLOB '0[0-9]*' AND additional_apy NOT GLOB '*.' AND additional_apy NOT GLOB '*.*0'
         AND instr(additional_apy || '.', '.') <= 21 AND length(additional_apy) - instr(additional_apy || '.', '.') <= 20),
  CHECK (total_profit GLOB '[0-9]*' AND total_profit NOT GLOB '*[^0-9.]*' AND total_profit NOT GLOB '*.*.*'
         AND total_profit NOT GLOB '0[0-9]*' AND total_profit NOT GLOB '*.' AND total_profit NOT GLOB '*.*0'
         AND instr(total_profit || '.', '.') <= 21 AND length(total_profit) - instr(total_profit || '.', '.') <= 18),
  CHECK (amount GLOB '[0-9]*' AND amount NOT GLOB '*[^0-9.]*' AND amount NOT GLOB '*.*.*'
         AND amount NOT GLOB '0[0-9]*' AND amount NOT GLOB '*.' AND amount NOT GLOB '*.*0'
         AND instr(amount || '.', '.') <= 21 AND length(amount) - instr(amount || '.', '.') <= 18)
) STRICT;
INSERT INTO "position_seen" VALUES(1,1,'2026-05-01T00:05:06.000Z','200001','1201','BTC',1,'0.0125','0','0',0,NULL);
INSERT INTO "position_seen" VALUES(2,1,'2026-05-01T00:05:06.000Z','200002','1301','ETH',1,'0.018','0','0',0,NULL);
INSERT INTO "position_seen" VALUES(3,1,'2026-05-01T00:05:06.000Z','200003','1101','USDC',1,'0.045','0','0',0,NULL);
INSERT INTO "position_seen" VALUES(4,1,'2026-05-01T00:05:06.000Z','200004','1102','USDC',1,'0.03','0','0',0,NULL);
INSERT INTO "position_seen" VALUES(5,1,'2026-05-01T00:05:06.000Z','200005','1002','USDT',1,'0.08','0','0',0,NULL);
INSERT INTO "position_seen" VALUES(6,1,'2026-05-01T00:05:06.000Z','200006','1001','USDT',1,'0.05','0.005','0',0,NULL);
INSERT INTO "position_seen" VALUES(7,6,'2026-05-02T06:05:00.000Z','200001','1201','BTC',1,'0.0125','0','0.00000506',0,NULL);
INSERT INTO "position_seen" VALUES(8,6,'2026-05-02T06:05:00.000Z','200002','1301','ETH',1,'0.018','0','0.00014794',0,NULL);
INSERT INTO "position_seen" VALUES(9,6,'2026-05-02T06:05:00.000Z','200003','1101','USDC',1,'0.045','0','0.24657533',0,NULL);
INSERT INTO "position_seen" VALUES(10,6,'2026-05-02T06:05:00.000Z','200004','1102','USDC',1,'0.03','0','0.08219178',0,NULL);
INSERT INTO "position_seen" VALUES(11,6,'2026-05-02T06:05:00.000Z','200005','1002','USDT',1,'0.08','0','0.09315067',0,NULL);
INSERT INTO "position_seen" VALUES(12,6,'2026-05-02T06:05:00.000Z','200006','1001','USDT',1,'0.05','0.005','1.64109588',0,NULL);
INSERT INTO "position_seen" VALUES(13,10,'2026-05-03T06:05:00.000Z','200001','1201','BTC',1,'0.0125','0','0.00001012',0,NULL);
INSERT INTO "position_seen" VALUES(14,10,'2026-05-03T06:05:00.000Z','200002','1301','ETH',1,'0.018','0','0.00029588',0,NULL);
INSERT INTO "position_seen" VALUES(15,10,'2026-05-03T06:05:00.000Z','200003','1101','USDC',1,'0.045','0','0.49315066',0,NULL);
INSERT INTO "position_seen" VALUES(16,10,'2026-05-03T06:05:00.000Z','200004','1102','USDC',1,'0.03','0','0.16438356',0,NULL);
INSERT INTO "position_seen" VALUES(17,10,'2026-05-03T06:05:00.000Z','200005','1002','USDT',1,'0.08','0','0.18630134',0,NULL);
INSERT INTO "position_seen" VALUES(18,10,'2026-05-03T06:05:00.000Z','200006','1001','USDT',1,'0.05','0.005','3.28219176',0,NULL);
INSERT INTO "position_seen" VALUES(19,13,'2026-05-04T00:05:00.000Z','200006','1001','USDT',1,'0.003','0','3.28219176',0,NULL);
INSERT INTO "position_seen" VALUES(20,13,'2026-05-04T00:05:02.000Z','200007','1003','USDT',1,'0.025','0','0',0,NULL);
INSERT INTO "position_seen" VALUES(21,14,'2026-05-04T06:05:00.000Z','200001','1201','BTC',1,'0.0125','0','0.00001518',0,NULL);
INSERT INTO "position_seen" VALUES(22,14,'2026-05-04T06:05:00.000Z','200002','1301','ETH',1,'0.018','0','0.00044382',0,NULL);
INSERT INTO "position_seen" VALUES(23,14,'2026-05-04T06:05:00.000Z','200003','1101','USDC',1,'0.045','0','0.73972599',0,NULL);
INSERT INTO "position_seen" VALUES(24,14,'2026-05-04T06:05:00.000Z','200004','1102','USDC',1,'0.03','0','0.24657534',0,NULL);
INSERT INTO "position_seen" VALUES(25,14,'2026-05-04T06:05:00.000Z','200005','1002','USDT',1,'0.08','0','0.27945201',0,NULL);
INSERT INTO "position_seen" VALUES(26,18,'2026-05-05T06:05:00.000Z','200001','1201','BTC',1,'0.0125','0','0.00002024',0,NULL);
INSERT INTO "position_seen" VALUES(27,18,'2026-05-05T06:05:00.000Z','200002','1301','ETH',1,'0.018','0','0.00059176',0,NULL);
INSERT INTO "position_seen" VALUES(28,18,'2026-05-05T06:05:00.000Z','200003','1101','USDC',1,'0.045','0','0.98630132',0,NULL);
INSERT INTO "position_seen" VALUES(29,18,'2026-05-05T06:05:00.000Z','200004','1102','USDC',1,'0.03','0','0.32876712',0,NULL);
INSERT INTO "position_seen" VALUES(30,18,'2026-05-05T06:05:00.000Z','200005','1002','USDT',1,'0.08','0','0.37260268',0,NULL);
INSERT INTO "position_seen" VALUES(31,18,'2026-05-05T06:05:00.000Z','200007','1003','USDT',1,'0.025','0','1.12352523',0,NULL);
INSERT INTO "position_seen" VALUES(32,20,'2026-05-05T18:05:00.000Z','200008','1004','USDT',1,'0.065','0','0',0,NULL);
INSERT INTO "position_seen" VALUES(33,22,'2026-05-06T06:05:00.000Z','200001','1201','BTC',1,'0.0125','0','0.0000253',0,NULL);
INSERT INTO "position_seen" VALUES(34,22,'2026-05-06T06:05:00.000Z','200002','1301','ETH',1,'0.018','0','0.0007397',0,NULL);
INSERT INTO "position_seen" VALUES(35,22,'2026-05-06T06:05:00.000Z','200003','1101','USDC',1,'0.045','0','1.23287665',0,NULL);
INSERT INTO "position_seen" VALUES(36,22,'2026-05-06T06:05:00.000Z','200004','1102','USDC',1,'0.03','0','0.4109589',0,NULL);
INSERT INTO "position_seen" VALUES(37,22,'2026-05-06T06:05:00.000Z','200005','1002','USDT',1,'0.08','0','0.46575335',0,NULL);
INSERT INTO "position_seen" VALUES(38,22,'2026-05-06T06:05:00.000Z','200007','1003','USDT',1,'0.025','0','2.24705046',0,NULL);
INSERT INTO "position_seen" VALUES(39,26,'2026-05-07T06:05:00.000Z','200001','1201','BTC',1,'0.0125','0','0.00003036',0,NULL);
INSERT INTO "position_seen" VALUES(40,26,'2026-05-07T06:05:00.000Z','200002','1301','ETH',1,'0.018','0','0.00088764',0,NULL);
INSERT INTO "position_seen" VALUES(41,26,'2026-05-07T06:05:00.000Z','200003','1101','USDC',1,'0.045','0','1.47945198',0,NULL);
INSERT INTO "position_seen" VALUES(42,26,'2026-05-07T06:05:00.000Z','200004','1102','USDC',1,'0.03','0','0.49325876',0,NULL);
INSERT INTO "position_seen" VALUES(43,26,'2026-05-07T06:05:00.000Z','200005','1002','USDT',1,'0.08','0','0.55890402',0,NULL);
INSERT INTO "position_seen" VALUES(44,26,'2026-05-07T06:05:00.000Z','200007','1003','USDT',1,'0.025','0','3.37066541',0,NULL);
INSERT INTO "position_seen" VALUES(45,26,'2026-05-07T06:05:00.000Z','200008','1004','USDT',1,'0.065','0','0.71232877',0,NULL);
INSERT INTO "position_seen" VALUES(46,30,'2026-05-08T06:05:00.000Z','200001','1201','BTC',1,'0.0125','0','0.00003542',0,NULL);
INSERT INTO "position_seen" VALUES(47,30,'2026-05-08T06:05:00.000Z','200002','1301','ETH',1,'0.018','0','0.00103558',0,NULL);
INSERT INTO "position_seen" VALUES(48,30,'2026-05-08T06:05:00.000Z','200003','1101','USDC',1,'0.045','0','1.72602731',0,NULL);
INSERT INTO "position_seen" VALUES(49,30,'2026-05-08T06:05:00.000Z','200004','1102','USDC',1,'0.03','0','0.57555862',0,NULL);
INSERT INTO "position_seen" VALUES(50,30,'2026-05-08T06:05:00.000Z','200005','1002','USDT',1,'0.08','0','0.65205469',0,NULL);
INSERT INTO "position_seen" VALUES(51,30,'2026-05-08T06:05:00.000Z','200007','1003','USDT',1,'0.025','0','4.48880091',0,NULL);
INSERT INTO "position_seen" VALUES(52,30,'2026-05-08T06:05:00.000Z','200008','1004','USDT',1,'0.065','0','1.4248742',0,NULL);
CREATE TABLE probe_answer (        -- what came back; no row: nothing, or we died waiting
  action_id   INTEGER NOT NULL,
  n           INTEGER NOT NULL,
  answered_at TEXT NOT NULL CHECK (answered_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
  outcome     TEXT NOT NULL
              CHECK (outcome IN ('not_sent', 'yes', 'seen', 'refused', 'not_executed', 'unclear')),
  http_status INTEGER,
  code        INTEGER,
  message     TEXT,
  trace       TEXT,
  detail      TEXT NOT NULL,
  PRIMARY KEY (action_id, n),
  FOREIGN KEY (action_id, n) REFERENCES probe_send (action_id, n)
) STRICT, WITHOUT ROWID;
INSERT INTO "probe_answer" VALUES(26,1,'2026-05-08T20:16:00.000Z','seen',NULL,NULL,NULL,NULL,'as received');
CREATE TABLE probe_send (          -- a settled action's request once more, on purpose, to
                                    -- learn whether its number is remembered; committed before
                                    -- it leaves
  action_id INTEGER NOT NULL REFERENCES action,
  n         INTEGER NOT NULL CHECK (n >= 1),
  sent_at   TEXT NOT NULL CHECK (sent_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
  request   TEXT NOT NULL,
  PRIMARY KEY (action_id, n)
) STRICT, WITHOUT ROWID;
INSERT INTO "probe_send" VALUES(26,1,'2026-05-08T20:16:00.000Z','POST /x 23375108000000000026');
CREATE TABLE product_seen (        -- the offers
  product_seen_id INTEGER PRIMARY KEY AUTOINCREMENT,
  cycle_id       INTEGER NOT NULL REFERENCES cycle,
  seen_at        TEXT NOT NULL CHECK (seen_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
  product_id     TEXT NOT NULL,
  coin           TEXT NOT NULL,
  listed         INTEGER NOT NULL CHECK (listed IN (0, 1)),  -- 0: gone; the rest is what was last seen
  apy            TEXT NOT NULL,        -- 0.05 is five per cent
  additional_apy TEXT NOT NULL,
  minimum        TEXT NOT NULL,        -- purchase amounts
  maximum        TEXT NOT NULL,
  has_tiers      INTEGER NOT NULL CHECK (has_tiers IN (0, 1)),
  tag            TEXT NOT NULL,
  CHECK (apy GLOB '[0-9]*' AND apy NOT GLOB '*[^0-9.]*' AND apy NOT GLOB '*.*.*'
         AND apy NOT GLOB '0[0-9]*' AND apy NOT GLOB '*.' AND apy NOT GLOB '*.*0'
         AND instr(apy || '.', '.') <= 21 AND length(apy) - instr(apy || '.', '.') <= 20),
  CHECK (additional_apy GLOB '[0-9]*' AND additional_apy NOT GLOB '*[^0-9.]*' AND additional_apy NOT GLOB '*.*.*'
         AND additional_apy NOT GLOB '0[0-9]*' AND additional_apy NOT GLOB '*.' AND additional_apy NOT GLOB '*.*0'
         AND instr(additional_apy || '.', '.') <= 21 AND length(additional_apy) - instr(additional_apy || '.', '.') <= 20),
  CHECK (minimum GLOB '[0-9]*' AND minimum NOT GLOB '*[^0-9.]*' AND minimum NOT GLOB '*.*.*'
         AND minimum NOT GLOB '0[0-9]*' AND minimum NOT GLOB '*.' AND minimum NOT GLOB '*.*0'
         AND instr(minimum || '.', '.') <= 21 AND length(minimum) - instr(minimum || '.', '.') <= 18),
  CHECK (maximum GLOB '[0-9]*' AND maximum NOT GLOB '*[^0-9.]*' AND maximum NOT GLOB '*.*.*'
         AND maximum NOT GLOB '0[0-9]*' AND maximum NOT GLOB '*.' AND maximum NOT GLOB '*.*0'
         AND instr(maximum || '.', '.') <= 21 AND length(maximum) - instr(maximum || '.', '.') <= 18)
) STRICT;
INSERT INTO "product_seen" VALUES(1,1,'2026-05-01T00:05:00.000Z','1001','USDT',1,'0.05','0.005','1','100000',1,'["HOT"]');
INSERT INTO "product_seen" VALUES(2,1,'2026-05-01T00:05:00.000Z','1002','USDT',1,'0.08','0','10','1000',1,'["HOT", "NEW"]');
INSERT INTO "product_seen" VALUES(3,1,'2026-05-01T00:05:00.000Z','1003','USDT',1,'0.025','0','0.1','1000000',0,'[]');
INSERT INTO "product_seen" VALUES(4,1,'2026-05-01T00:05:00.000Z','1101','USDC',1,'0.045','0','1','50000',1,'[]');
INSERT INTO "product_seen" VALUES(5,1,'2026-05-01T00:05:00.000Z','1102','USDC',1,'0.03','0','1','1000000',0,'[]');
INSERT INTO "product_seen" VALUES(6,1,'2026-05-01T00:05:00.000Z','1201','BTC',1,'0.0125','0','0.0001','10',1,'[]');
INSERT INTO "product_seen" VALUES(7,1,'2026-05-01T00:05:00.000Z','1301','ETH',1,'0.018','0','0.001','100',0,'[]');
INSERT INTO "product_seen" VALUES(8,13,'2026-05-04T00:05:00.000Z','1001','USDT',1,'0.003','0','1','100000',1,'["HOT"]');
INSERT INTO "product_seen" VALUES(9,20,'2026-05-05T18:05:00.000Z','1004','USDT',1,'0.065','0','1','50000',1,'["NEW"]');
INSERT INTO "product_seen" VALUES(10,33,'2026-05-08T18:10:00.000Z','p-SOL','SOL',1,'0.05','0.005','0.1','100000',1,'hot');
INSERT INTO "product_seen" VALUES(11,34,'2026-05-08T18:15:00.000Z','p-SOL','SOL',0,'0.05','0.005','0.1','100000',1,'hot');
CREATE TABLE record_seen (         -- the exchange's history, as it was when first seen
  record_seq     INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order in which earnd saw them
  record_id      TEXT NOT NULL,
  kind           TEXT NOT NULL CHECK (kind IN ('subscribe', 'redeem', 'interest')),
  product_id     TEXT NOT NULL,
  coin           TEXT NOT NULL,
  amount         TEXT NOT NULL,
  at             TEXT NOT NULL CHECK (at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
  subscribe_type TEXT CHECK (subscribe_type IN ('NORMAL', 'AUTO')),
  request_no     TEXT,                 -- where the exchange tells it
  status         TEXT CHECK (status IN ('done', 'pending', 'failed', 'unclear')),
  cycle_id       INTEGER NOT NULL REFERENCES cycle,
  seen_at        TEXT NOT NULL CHECK (seen_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
  UNIQUE (kind, record_id),
  CHECK (amount GLOB '[0-9]*' AND amount NOT GLOB '*[^0-9.]*' AND amount NOT GLOB '*.*.*'
         AND amount NOT GLOB '0[0-9]*' AND amount NOT GLOB '*.' AND amount NOT GLOB '*.*0'
         AND instr(amount || '.', '.') <= 21 AND length(amount) - instr(amount || '.', '.') <= 18)
) STRICT;
INSERT INTO "record_seen" VALUES(1,'300001','subscribe','1201','BTC','0.24999845','2026-05-01T00:05:00.000Z','NORMAL',NULL,NULL,1,'2026-05-01T00:05:00.000Z');
INSERT INTO "record_seen" VALUES(2,'300002','subscribe','1301','ETH','2.99997096','2026-05-01T00:05:02.000Z','NORMAL',NULL,NULL,1,'2026-05-01T00:05:02.000Z');
INSERT INTO "record_seen" VALUES(3,'300003','subscribe','1101','USDC','1999.9999727','2026-05-01T00:05:02.000Z','NORMAL',NULL,NULL,1,'2026-05-01T00:05:02.000Z');
INSERT INTO "record_seen" VALUES(4,'300004','subscribe','1102','USDC','999.99999956','2026-05-01T00:05:04.000Z','NORMAL',NULL,NULL,1,'2026-05-01T00:05:04.000Z');
INSERT INTO "record_seen" VALUES(5,'300005','subscribe','1002','USDT','499.99992136','2026-05-01T00:05:04.000Z','NORMAL',NULL,NULL,1,'2026-05-01T00:05:04.000Z');
INSERT INTO "record_seen" VALUES(6,'300006','subscribe','1001','USDT','11399.99998439','2026-05-01T00:05:06.000Z','NORMAL',NULL,NULL,1,'2026-05-01T00:05:06.000Z');
INSERT INTO "record_seen" VALUES(7,'300007','interest','1201','BTC','0.00000506','2026-05-02T04:00:00.000Z','NORMAL',NULL,NULL,6,'2026-05-02T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(8,'300008','interest','1301','ETH','0.00014794','2026-05-02T04:00:00.000Z','NORMAL',NULL,NULL,6,'2026-05-02T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(9,'300009','interest','1101','USDC','0.24657533','2026-05-02T04:00:00.000Z','NORMAL',NULL,NULL,6,'2026-05-02T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(10,'300010','interest','1102','USDC','0.08219178','2026-05-02T04:00:00.000Z','NORMAL',NULL,NULL,6,'2026-05-02T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(11,'300011','interest','1002','USDT','0.09315067','2026-05-02T04:00:00.000Z','NORMAL',NULL,NULL,6,'2026-05-02T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(12,'300012','interest','1001','USDT','1.64109588','2026-05-02T04:00:00.000Z','NORMAL',NULL,NULL,6,'2026-05-02T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(13,'300013','subscribe','1001','USDT','5001.73429241','2026-05-02T06:05:00.000Z','NORMAL',NULL,NULL,6,'2026-05-02T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(14,'300014','interest','1201','BTC','0.00000506','2026-05-03T04:00:00.000Z','NORMAL',NULL,NULL,10,'2026-05-03T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(15,'300015','interest','1301','ETH','0.00014794','2026-05-03T04:00:00.000Z','NORMAL',NULL,NULL,10,'2026-05-03T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(16,'300016','interest','1101','USDC','0.24657533','2026-05-03T04:00:00.000Z','NORMAL',NULL,NULL,10,'2026-05-03T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(17,'300017','interest','1102','USDC','0.08219178','2026-05-03T04:00:00.000Z','NORMAL',NULL,NULL,10,'2026-05-03T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(18,'300018','interest','1002','USDT','0.09315067','2026-05-03T04:00:00.000Z','NORMAL',NULL,NULL,10,'2026-05-03T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(19,'300019','interest','1001','USDT','1.64109588','2026-05-03T04:00:00.000Z','NORMAL',NULL,NULL,10,'2026-05-03T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(20,'300020','subscribe','1001','USDT','1.73427795','2026-05-03T06:05:00.000Z','NORMAL',NULL,NULL,10,'2026-05-03T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(21,'300021','redeem','1001','USDT','16403.46855475','2026-05-04T00:05:00.000Z','NORMAL',NULL,NULL,13,'2026-05-04T00:05:00.000Z');
INSERT INTO "record_seen" VALUES(22,'300022','subscribe','1003','USDT','16403.4684962','2026-05-04T00:05:02.000Z','NORMAL',NULL,NULL,13,'2026-05-04T00:05:02.000Z');
INSERT INTO "record_seen" VALUES(23,'300023','interest','1201','BTC','0.00000506','2026-05-04T04:00:00.000Z','NORMAL',NULL,NULL,14,'2026-05-04T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(24,'300024','interest','1301','ETH','0.00014794','2026-05-04T04:00:00.000Z','NORMAL',NULL,NULL,14,'2026-05-04T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(25,'300025','interest','1101','USDC','0.24657533','2026-05-04T04:00:00.000Z','NORMAL',NULL,NULL,14,'2026-05-04T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(26,'300026','interest','1102','USDC','0.08219178','2026-05-04T04:00:00.000Z','NORMAL',NULL,NULL,14,'2026-05-04T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(27,'300027','interest','1002','USDT','0.09315067','2026-05-04T04:00:00.000Z','NORMAL',NULL,NULL,14,'2026-05-04T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(28,'300028','interest','1201','BTC','0.00000506','2026-05-05T04:00:00.000Z','NORMAL',NULL,NULL,18,'2026-05-05T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(29,'300029','interest','1301','ETH','0.00014794','2026-05-05T04:00:00.000Z','NORMAL',NULL,NULL,18,'2026-05-05T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(30,'300030','interest','1101','USDC','0.24657533','2026-05-05T04:00:00.000Z','NORMAL',NULL,NULL,18,'2026-05-05T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(31,'300031','interest','1102','USDC','0.08219178','2026-05-05T04:00:00.000Z','NORMAL',NULL,NULL,18,'2026-05-05T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(32,'300032','interest','1002','USDT','0.09315067','2026-05-05T04:00:00.000Z','NORMAL',NULL,NULL,18,'2026-05-05T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(33,'300033','interest','1003','USDT','1.12352523','2026-05-05T04:00:00.000Z','NORMAL',NULL,NULL,18,'2026-05-05T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(34,'300034','subscribe','1102','USDC','1.31500812','2026-05-05T06:05:00.000Z','NORMAL',NULL,NULL,18,'2026-05-05T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(35,'300035','subscribe','1003','USDT','1.30987696','2026-05-05T06:05:02.000Z','NORMAL',NULL,NULL,18,'2026-05-05T06:05:02.000Z');
INSERT INTO "record_seen" VALUES(36,'300036','subscribe','1004','USDT','4000.00001854','2026-05-05T18:05:00.000Z','NORMAL',NULL,NULL,20,'2026-05-05T18:05:00.000Z');
INSERT INTO "record_seen" VALUES(37,'300037','interest','1201','BTC','0.00000506','2026-05-06T04:00:00.000Z','NORMAL',NULL,NULL,22,'2026-05-06T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(38,'300038','interest','1301','ETH','0.00014794','2026-05-06T04:00:00.000Z','NORMAL',NULL,NULL,22,'2026-05-06T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(39,'300039','interest','1101','USDC','0.24657533','2026-05-06T04:00:00.000Z','NORMAL',NULL,NULL,22,'2026-05-06T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(40,'300040','interest','1102','USDC','0.08219178','2026-05-06T04:00:00.000Z','NORMAL',NULL,NULL,22,'2026-05-06T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(41,'300041','interest','1002','USDT','0.09315067','2026-05-06T04:00:00.000Z','NORMAL',NULL,NULL,22,'2026-05-06T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(42,'300042','interest','1003','USDT','1.12352523','2026-05-06T04:00:00.000Z','NORMAL',NULL,NULL,22,'2026-05-06T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(43,'300043','subscribe','1004','USDT','1.21664976','2026-05-06T06:05:00.000Z','NORMAL',NULL,NULL,22,'2026-05-06T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(44,'300044','interest','1201','BTC','0.00000506','2026-05-07T04:00:00.000Z','NORMAL',NULL,NULL,26,'2026-05-07T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(45,'300045','interest','1301','ETH','0.00014794','2026-05-07T04:00:00.000Z','NORMAL',NULL,NULL,26,'2026-05-07T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(46,'300046','interest','1101','USDC','0.24657533','2026-05-07T04:00:00.000Z','NORMAL',NULL,NULL,26,'2026-05-07T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(47,'300047','interest','1102','USDC','0.08229986','2026-05-07T04:00:00.000Z','NORMAL',NULL,NULL,26,'2026-05-07T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(48,'300048','interest','1002','USDT','0.09315067','2026-05-07T04:00:00.000Z','NORMAL',NULL,NULL,26,'2026-05-07T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(49,'300049','interest','1003','USDT','1.12361495','2026-05-07T04:00:00.000Z','NORMAL',NULL,NULL,26,'2026-05-07T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(50,'300050','interest','1004','USDT','0.71232877','2026-05-07T04:00:00.000Z','NORMAL',NULL,NULL,26,'2026-05-07T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(51,'300051','subscribe','1004','USDT','1.92905029','2026-05-07T06:05:00.000Z','NORMAL',NULL,NULL,26,'2026-05-07T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(52,'300052','redeem','1003','USDT','80','2026-05-07T12:05:00.000Z','NORMAL',NULL,NULL,27,'2026-05-07T12:05:00.000Z');
INSERT INTO "record_seen" VALUES(53,'300053','interest','1201','BTC','0.00000506','2026-05-08T04:00:00.000Z','NORMAL',NULL,NULL,30,'2026-05-08T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(54,'300054','interest','1301','ETH','0.00014794','2026-05-08T04:00:00.000Z','NORMAL',NULL,NULL,30,'2026-05-08T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(55,'300055','interest','1101','USDC','0.24657533','2026-05-08T04:00:00.000Z','NORMAL',NULL,NULL,30,'2026-05-08T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(56,'300056','interest','1102','USDC','0.08229986','2026-05-08T04:00:00.000Z','NORMAL',NULL,NULL,30,'2026-05-08T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(57,'300057','interest','1002','USDT','0.09315067','2026-05-08T04:00:00.000Z','NORMAL',NULL,NULL,30,'2026-05-08T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(58,'300058','interest','1003','USDT','1.1181355','2026-05-08T04:00:00.000Z','NORMAL',NULL,NULL,30,'2026-05-08T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(59,'300059','interest','1004','USDT','0.71254543','2026-05-08T04:00:00.000Z','NORMAL',NULL,NULL,30,'2026-05-08T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(60,'300060','subscribe','1004','USDT','1.92374811','2026-05-08T06:05:00.000Z','NORMAL',NULL,NULL,30,'2026-05-08T06:05:00.000Z');
INSERT INTO "record_seen" VALUES(61,'r1','subscribe','p-SOL','SOL','10.5','2026-05-08T18:15:00.000Z',NULL,NULL,NULL,34,'2026-05-08T18:15:00.000Z');
INSERT INTO "record_seen" VALUES(62,'r2','subscribe','p-LTC','LTC','14','2026-05-08T18:16:00.000Z',NULL,'23375108000000000022',NULL,35,'2026-05-08T18:16:00.000Z');
INSERT INTO "record_seen" VALUES(63,'r3','subscribe','p-TRX','TRX','15','2026-05-08T20:16:00.000Z',NULL,NULL,NULL,36,'2026-05-08T20:16:00.000Z');
INSERT INTO "record_seen" VALUES(64,'r4','subscribe','p-ETH','ETH','1','2026-05-08T20:16:00.000Z',NULL,NULL,NULL,36,'2026-05-08T20:16:00.000Z');
INSERT INTO "record_seen" VALUES(65,'r5','subscribe','p-SOL','SOL','21','2026-05-08T21:16:00.000Z','NORMAL',NULL,NULL,37,'2026-05-08T21:16:00.000Z');
INSERT INTO "record_seen" VALUES(66,'r6','subscribe','p-SOL','SOL','22','2026-05-08T21:16:00.000Z','AUTO',NULL,NULL,37,'2026-05-08T21:16:00.000Z');
INSERT INTO "record_seen" VALUES(67,'r7','subscribe','p-SOL','SOL','23','2026-05-08T21:16:00.000Z',NULL,NULL,'failed',37,'2026-05-08T21:16:00.000Z');
INSERT INTO "record_seen" VALUES(68,'r8','redeem','p-SOL','SOL','24','2026-05-08T21:16:00.000Z',NULL,NULL,'pending',37,'2026-05-08T21:16:00.000Z');
INSERT INTO "record_seen" VALUES(69,'r9','interest','p-SOL','SOL','0.00000001','2026-05-08T21:16:00.000Z',NULL,NULL,NULL,37,'2026-05-08T21:16:00.000Z');
CREATE TABLE record_status_seen (  -- what a known record said only afterwards;
                                    -- nothing else of a record may change
  record_status_id INTEGER PRIMARY KEY AUTOINCREMENT,
  record_seq     INTEGER NOT NULL REFERENCES record_seen,
  subscribe_type TEXT CHECK (subscribe_type IN ('NORMAL', 'AUTO')),
  request_no     TEXT,
  status         TEXT CHECK (status IN ('done', 'pending', 'failed', 'unclear')),
  cycle_id       INTEGER NOT NULL REFERENCES cycle,
  seen_at        TEXT NOT NULL CHECK (seen_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z')
) STRICT;
INSERT INTO "record_status_seen" VALUES(1,68,NULL,'99999999000000000001','done',38,'2026-05-08T21:21:00.000Z');
CREATE TABLE run (                 -- one row per life of the process
  run_id        INTEGER PRIMARY KEY AUTOINCREMENT,
  prefix        TEXT NOT NULL          -- drawn at its start; begins its request numbers
                CHECK (length(prefix) = 8 AND prefix GLOB '[1-9]*' AND prefix NOT GLOB '*[^0-9]*'),
  started_at    TEXT NOT NULL CHECK (started_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
  version       TEXT NOT NULL,
  python        TEXT NOT NULL,
  sqlite        TEXT NOT NULL,
  config_digest TEXT NOT NULL          -- of the configuration without secrets
) STRICT;
INSERT INTO "run" VALUES(1,'23375108','2026-05-01T00:05:00.000Z','0.1.0','3.11.7','3.40.1','6e2895bd6448d49f43decf1ef1ca30ebb1dafd923b239d20d0e99fc903cf9eb2');
CREATE TABLE tier_seen (           -- the bands of one row of product_seen, in order
  product_seen_id INTEGER NOT NULL REFERENCES product_seen,
  n     INTEGER NOT NULL CHECK (n >= 0),
  lower TEXT NOT NULL,
  upper TEXT NOT NULL,
  rate  TEXT NOT NULL,
  PRIMARY KEY (product_seen_id, n),
  CHECK (lower GLOB '[0-9]*' AND lower NOT GLOB '*[^0-9.]*' AND lower NOT GLOB '*.*.*'
         AND lower NOT GLOB '0[0-9]*' AND lower NOT GLOB '*.' AND lower NOT GLOB '*.*0'
         AND instr(lower || '.', '.') <= 21 AND length(lower) - instr(lower || '.', '.') <= 18),
  CHECK (upper GLOB '[0-9]*' AND upper NOT GLOB '*[^0-9.]*' AND upper NOT GLOB '*.*.*'
         AND upper NOT GLOB '0[0-9]*' AND upper NOT GLOB '*.' AND upper NOT GLOB '*.*0'
         AND instr(upper || '.', '.') <= 21 AND length(upper) - instr(upper || '.', '.') <= 18),
  CHECK (rate GLOB '[0-9]*' AND rate NOT GLOB '*[^0-9.]*' AND rate NOT GLOB '*.*.*'
         AND rate NOT GLOB '0[0-9]*' AND rate NOT GLOB '*.' AND rate NOT GLOB '*.*0'
         AND instr(rate || '.', '.') <= 21 AND length(rate) - instr(rate || '.', '.') <= 20)
) STRICT, WITHOUT ROWID;
INSERT INTO "tier_seen" VALUES(1,0,'1','10000','0.05');
INSERT INTO "tier_seen" VALUES(1,1,'10000','100000','0.03');
INSERT INTO "tier_seen" VALUES(2,0,'10','200','0.08');
INSERT INTO "tier_seen" VALUES(2,1,'200','500','0.06');
INSERT INTO "tier_seen" VALUES(2,2,'500','1000','0.02');
INSERT INTO "tier_seen" VALUES(4,0,'1','2000','0.045');
INSERT INTO "tier_seen" VALUES(4,1,'2000','50000','0.0275');
INSERT INTO "tier_seen" VALUES(6,0,'0.0001','0.1','0.0125');
INSERT INTO "tier_seen" VALUES(6,1,'0.1','10','0.004');
INSERT INTO "tier_seen" VALUES(8,0,'1','10000','0.003');
INSERT INTO "tier_seen" VALUES(8,1,'10000','100000','0.003');
INSERT INTO "tier_seen" VALUES(9,0,'1','20000','0.065');
INSERT INTO "tier_seen" VALUES(9,1,'20000','50000','0.035');
INSERT INTO "tier_seen" VALUES(10,0,'0','1000','0.1');
INSERT INTO "tier_seen" VALUES(10,1,'1000','100000','0.05');
INSERT INTO "tier_seen" VALUES(11,0,'0','1000','0.1');
INSERT INTO "tier_seen" VALUES(11,1,'1000','100000','0.05');
CREATE TABLE total_seen (          -- what the exchange says we hold of a coin, all products
  total_seen_id INTEGER PRIMARY KEY AUTOINCREMENT,
  cycle_id INTEGER NOT NULL REFERENCES cycle,
  seen_at  TEXT NOT NULL CHECK (seen_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
  coin     TEXT NOT NULL,
  amount   TEXT NOT NULL,
  CHECK (amount GLOB '[0-9]*' AND amount NOT GLOB '*[^0-9.]*' AND amount NOT GLOB '*.*.*'
         AND amount NOT GLOB '0[0-9]*' AND amount NOT GLOB '*.' AND amount NOT GLOB '*.*0'
         AND instr(amount || '.', '.') <= 21 AND length(amount) - instr(amount || '.', '.') <= 18)
) STRICT;
INSERT INTO "total_seen" VALUES(1,1,'2026-05-01T00:05:06.000Z','BTC','0.24999845');
INSERT INTO "total_seen" VALUES(2,1,'2026-05-01T00:05:06.000Z','ETH','2.99997096');
INSERT INTO "total_seen" VALUES(3,1,'2026-05-01T00:05:06.000Z','USDC','2999.99997226');
INSERT INTO "total_seen" VALUES(4,1,'2026-05-01T00:05:06.000Z','USDT','11899.99990575');
INSERT INTO "total_seen" VALUES(5,6,'2026-05-02T06:05:00.000Z','USDT','16901.73419816');
INSERT INTO "total_seen" VALUES(6,10,'2026-05-03T06:05:00.000Z','USDT','16903.46847611');
INSERT INTO "total_seen" VALUES(7,13,'2026-05-04T00:05:00.000Z','USDT','499.99992136');
INSERT INTO "total_seen" VALUES(8,13,'2026-05-04T00:05:02.000Z','USDT','16903.46841756');
INSERT INTO "total_seen" VALUES(9,18,'2026-05-05T06:05:02.000Z','USDC','3001.31498038');
INSERT INTO "total_seen" VALUES(10,18,'2026-05-05T06:05:02.000Z','USDT','16904.77829452');
INSERT INTO "total_seen" VALUES(11,20,'2026-05-05T18:05:00.000Z','USDT','20904.77831306');
INSERT INTO "total_seen" VALUES(12,22,'2026-05-06T06:05:00.000Z','USDT','20905.99496282');
INSERT INTO "total_seen" VALUES(13,26,'2026-05-07T06:05:00.000Z','USDT','20907.92401311');
INSERT INTO "total_seen" VALUES(14,27,'2026-05-07T12:05:00.000Z','USDT','20827.92401311');
INSERT INTO "total_seen" VALUES(15,30,'2026-05-08T06:05:00.000Z','USDT','20829.84776122');
CREATE INDEX product_seen_newest ON product_seen (product_id, product_seen_id);
CREATE INDEX position_seen_newest ON position_seen (earn_id, position_seen_id);
CREATE INDEX balance_seen_newest ON balance_seen (coin, balance_seen_id);
CREATE INDEX total_seen_newest ON total_seen (coin, total_seen_id);
CREATE INDEX holding_seen_newest ON holding_seen (product_id, holding_seen_id);
CREATE INDEX decision_by_cycle ON decision (cycle_id);
CREATE INDEX action_by_coin ON action (coin);
CREATE INDEX attempt_answer_by_time ON attempt_answer (answered_at);
CREATE INDEX action_event_over ON action_event (action_id)
  WHERE to_state IN ('settled', 'rejected', 'dropped', 'late');
CREATE INDEX action_event_by_state ON action_event (to_state, at);
CREATE INDEX action_look_by_action ON action_look (action_id);
CREATE INDEX record_seen_by_time ON record_seen (kind, at);
CREATE INDEX record_seen_by_coin ON record_seen (coin, at);
CREATE INDEX record_status_seen_newest ON record_status_seen (record_seq, record_status_id);
CREATE TRIGGER ledger_never_changed BEFORE UPDATE ON ledger BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of ledger is ever changed');
END;
CREATE TRIGGER ledger_never_deleted BEFORE DELETE ON ledger BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of ledger is ever deleted');
END;
CREATE TRIGGER ledger_never_replaced BEFORE INSERT ON ledger
WHEN EXISTS (SELECT 1 FROM ledger WHERE id = NEW.id)
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: ledger has a row with this key');
END;
CREATE TRIGGER run_never_changed BEFORE UPDATE ON run BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of run is ever changed');
END;
CREATE TRIGGER run_never_deleted BEFORE DELETE ON run BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of run is ever deleted');
END;
CREATE TRIGGER run_never_replaced BEFORE INSERT ON run
WHEN EXISTS (SELECT 1 FROM run WHERE run_id = NEW.run_id)
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: run has a row with this key');
END;
CREATE TRIGGER cycle_never_changed BEFORE UPDATE ON cycle BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of cycle is ever changed');
END;
CREATE TRIGGER cycle_never_deleted BEFORE DELETE ON cycle BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of cycle is ever deleted');
END;
CREATE TRIGGER cycle_never_replaced BEFORE INSERT ON cycle
WHEN EXISTS (SELECT 1 FROM cycle WHERE cycle_id = NEW.cycle_id)
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: cycle has a row with this key');
END;
CREATE TRIGGER cycle_end_never_changed BEFORE UPDATE ON cycle_end BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of cycle_end is ever changed');
END;
CREATE TRIGGER cycle_end_never_deleted BEFORE DELETE ON cycle_end BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of cycle_end is ever deleted');
END;
CREATE TRIGGER cycle_end_never_replaced BEFORE INSERT ON cycle_end
WHEN EXISTS (SELECT 1 FROM cycle_end WHERE cycle_id = NEW.cycle_id)
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: cycle_end has a row with this key');
END;
CREATE TRIGGER look_never_changed BEFORE UPDATE ON look BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of look is ever changed');
END;
CREATE TRIGGER look_never_deleted BEFORE DELETE ON look BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of look is ever deleted');
END;
CREATE TRIGGER look_never_replaced BEFORE INSERT ON look
WHEN EXISTS (SELECT 1 FROM look WHERE look_id = NEW.look_id)
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: look has a row with this key');
END;
CREATE TRIGGER product_seen_never_changed BEFORE UPDATE ON product_seen BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of product_seen is ever changed');
END;
CREATE TRIGGER product_seen_never_deleted BEFORE DELETE ON product_seen BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of product_seen is ever deleted');
END;
CREATE TRIGGER product_seen_never_replaced BEFORE INSERT ON product_seen
WHEN EXISTS (SELECT 1 FROM product_seen WHERE product_seen_id = NEW.product_seen_id)
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: product_seen has a row with this key');
END;
CREATE TRIGGER tier_seen_never_changed BEFORE UPDATE ON tier_seen BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of tier_seen is ever changed');
END;
CREATE TRIGGER tier_seen_never_deleted BEFORE DELETE ON tier_seen BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of tier_seen is ever deleted');
END;
CREATE TRIGGER tier_seen_never_replaced BEFORE INSERT ON tier_seen
WHEN EXISTS (SELECT 1 FROM tier_seen WHERE product_seen_id = NEW.product_seen_id AND n = NEW.n)
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: tier_seen has a row with this key');
END;
CREATE TRIGGER position_seen_never_changed BEFORE UPDATE ON position_seen BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of position_seen is ever changed');
END;
CREATE TRIGGER position_seen_never_deleted BEFORE DELETE ON position_seen BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of position_seen is ever deleted');
END;
CREATE TRIGGER position_seen_never_replaced BEFORE INSERT ON position_seen
WHEN EXISTS (SELECT 1 FROM position_seen WHERE position_seen_id = NEW.position_seen_id)
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: position_seen has a row with this key');
END;
CREATE TRIGGER balance_seen_never_changed BEFORE UPDATE ON balance_seen BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of balance_seen is ever changed');
END;
CREATE TRIGGER balance_seen_never_deleted BEFORE DELETE ON balance_seen BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of balance_seen is ever deleted');
END;
CREATE TRIGGER balance_seen_never_replaced BEFORE INSERT ON balance_seen
WHEN EXISTS (SELECT 1 FROM balance_seen WHERE balance_seen_id = NEW.balance_seen_id)
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: balance_seen has a row with this key');
END;
CREATE TRIGGER total_seen_never_changed BEFORE UPDATE ON total_seen BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of total_seen is ever changed');
END;
CREATE TRIGGER total_seen_never_deleted BEFORE DELETE ON total_seen BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of total_seen is ever deleted');
END;
CREATE TRIGGER total_seen_never_replaced BEFORE INSERT ON total_seen
WHEN EXISTS (SELECT 1 FROM total_seen WHERE total_seen_id = NEW.total_seen_id)
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: total_seen has a row with this key');
END;
CREATE TRIGGER holding_seen_never_changed BEFORE UPDATE ON holding_seen BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of holding_seen is ever changed');
END;
CREATE TRIGGER holding_seen_never_deleted BEFORE DELETE ON holding_seen BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of holding_seen is ever deleted');
END;
CREATE TRIGGER holding_seen_never_replaced BEFORE INSERT ON holding_seen
WHEN EXISTS (SELECT 1 FROM holding_seen WHERE holding_seen_id = NEW.holding_seen_id)
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: holding_seen has a row with this key');
END;
CREATE TRIGGER decision_never_changed BEFORE UPDATE ON decision BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of decision is ever changed');
END;
CREATE TRIGGER decision_never_deleted BEFORE DELETE ON decision BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of decision is ever deleted');
END;
CREATE TRIGGER decision_never_replaced BEFORE INSERT ON decision
WHEN EXISTS (SELECT 1 FROM decision WHERE decision_id = NEW.decision_id)
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: decision has a row with this key');
END;
CREATE TRIGGER action_never_changed BEFORE UPDATE ON action BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of action is ever changed');
END;
CREATE TRIGGER action_never_deleted BEFORE DELETE ON action BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of action is ever deleted');
END;
CREATE TRIGGER action_never_replaced BEFORE INSERT ON action
WHEN EXISTS (SELECT 1 FROM action WHERE action_id = NEW.action_id)
     OR EXISTS (SELECT 1 FROM action WHERE request_no = NEW.request_no)
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: action has a row with this key');
END;
CREATE TRIGGER action_transition_never_changed BEFORE UPDATE ON action_transition BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of action_transition is ever changed');
END;
CREATE TRIGGER action_transition_never_deleted BEFORE DELETE ON action_transition BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of action_transition is ever deleted');
END;
CREATE TRIGGER action_transition_never_replaced BEFORE INSERT ON action_transition
WHEN EXISTS (SELECT 1 FROM action_transition WHERE from_state = NEW.from_state AND to_state = NEW.to_state)
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: action_transition has a row with this key');
END;
CREATE TRIGGER attempt_never_changed BEFORE UPDATE ON attempt BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of attempt is ever changed');
END;
CREATE TRIGGER attempt_never_deleted BEFORE DELETE ON attempt BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of attempt is ever deleted');
END;
CREATE TRIGGER attempt_never_replaced BEFORE INSERT ON attempt
WHEN EXISTS (SELECT 1 FROM attempt WHERE action_id = NEW.action_id AND attempt = NEW.attempt)
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: attempt has a row with this key');
END;
CREATE TRIGGER attempt_answer_never_changed BEFORE UPDATE ON attempt_answer BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of attempt_answer is ever changed');
END;
CREATE TRIGGER attempt_answer_never_deleted BEFORE DELETE ON attempt_answer BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of attempt_answer is ever deleted');
END;
CREATE TRIGGER attempt_answer_never_replaced BEFORE INSERT ON attempt_answer
WHEN EXISTS (SELECT 1 FROM attempt_answer WHERE action_id = NEW.action_id AND attempt = NEW.attempt)
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: attempt_answer has a row with this key');
END;
CREATE TRIGGER action_event_never_changed BEFORE UPDATE ON action_event BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of action_event is ever changed');
END;
CREATE TRIGGER action_event_never_deleted BEFORE DELETE ON action_event BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of action_event is ever deleted');
END;
CREATE TRIGGER action_event_never_replaced BEFORE INSERT ON action_event
WHEN EXISTS (SELECT 1 FROM action_event WHERE action_id = NEW.action_id AND seq = NEW.seq)
     OR EXISTS (SELECT 1 FROM action_event WHERE action_id = NEW.action_id AND attempt = NEW.attempt)
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: action_event has a row with this key');
END;
CREATE TRIGGER action_look_never_changed BEFORE UPDATE ON action_look BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of action_look is ever changed');
END;
CREATE TRIGGER action_look_never_deleted BEFORE DELETE ON action_look BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of action_look is ever deleted');
END;
CREATE TRIGGER action_look_never_replaced BEFORE INSERT ON action_look
WHEN EXISTS (SELECT 1 FROM action_look WHERE action_look_id = NEW.action_look_id)
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: action_look has a row with this key');
END;
CREATE TRIGGER record_seen_never_changed BEFORE UPDATE ON record_seen BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of record_seen is ever changed');
END;
CREATE TRIGGER record_seen_never_deleted BEFORE DELETE ON record_seen BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of record_seen is ever deleted');
END;
CREATE TRIGGER record_seen_never_replaced BEFORE INSERT ON record_seen
WHEN EXISTS (SELECT 1 FROM record_seen WHERE record_seq = NEW.record_seq)
     OR EXISTS (SELECT 1 FROM record_seen WHERE kind = NEW.kind AND record_id = NEW.record_id)
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: record_seen has a row with this key');
END;
CREATE TRIGGER record_status_seen_never_changed BEFORE UPDATE ON record_status_seen BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of record_status_seen is ever changed');
END;
CREATE TRIGGER record_status_seen_never_deleted BEFORE DELETE ON record_status_seen BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of record_status_seen is ever deleted');
END;
CREATE TRIGGER record_status_seen_never_replaced BEFORE INSERT ON record_status_seen
WHEN EXISTS (SELECT 1 FROM record_status_seen WHERE record_status_id = NEW.record_status_id)
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: record_status_seen has a row with this key');
END;
CREATE TRIGGER attribution_never_changed BEFORE UPDATE ON attribution BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of attribution is ever changed');
END;
CREATE TRIGGER attribution_never_deleted BEFORE DELETE ON attribution BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of attribution is ever deleted');
END;
CREATE TRIGGER attribution_never_replaced BEFORE INSERT ON attribution
WHEN EXISTS (SELECT 1 FROM attribution WHERE record_seq = NEW.record_seq)
     OR EXISTS (SELECT 1 FROM attribution WHERE action_id = NEW.action_id)
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: attribution has a row with this key');
END;
CREATE TRIGGER operator_note_never_changed BEFORE UPDATE ON operator_note BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of operator_note is ever changed');
END;
CREATE TRIGGER operator_note_never_deleted BEFORE DELETE ON operator_note BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of operator_note is ever deleted');
END;
CREATE TRIGGER operator_note_never_replaced BEFORE INSERT ON operator_note
WHEN EXISTS (SELECT 1 FROM operator_note WHERE operator_note_id = NEW.operator_note_id)
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: operator_note has a row with this key');
END;
CREATE TRIGGER action_transition_is_complete
BEFORE INSERT ON action_transition
BEGIN
  SELECT RAISE(ABORT, 'the state machine is changed by a migration only');
END;
CREATE TRIGGER action_one_open_per_coin BEFORE INSERT ON action
WHEN EXISTS (
  SELECT 1 FROM action a
  WHERE a.coin = NEW.coin AND NOT EXISTS (
    SELECT 1 FROM action_event e
    WHERE e.action_id = a.action_id
      AND e.to_state IN ('settled', 'rejected', 'dropped', 'late')))
BEGIN
  SELECT RAISE(ABORT, 'this coin has an open action');
END;
CREATE TRIGGER action_number_of_its_run BEFORE INSERT ON action
WHEN substr(NEW.request_no, 1, 8) IS NOT (
  SELECT r.prefix FROM cycle c JOIN run r ON r.run_id = c.run_id WHERE c.cycle_id = NEW.cycle_id)
BEGIN
  SELECT RAISE(ABORT, 'a request number begins with the prefix of its run');
END;
CREATE TRIGGER attempt_when_it_may_be_sent BEFORE INSERT ON attempt
WHEN coalesce((
  SELECT e.to_state FROM action_event e
  WHERE e.action_id = NEW.action_id ORDER BY e.seq DESC LIMIT 1), 'none')
  NOT IN ('planned', 'unknown')
BEGIN
  SELECT RAISE(ABORT, 'only a planned or an unknown action is sent');
END;
CREATE TRIGGER attempt_in_order BEFORE INSERT ON attempt
WHEN NEW.attempt <> 1 + (SELECT count(*) FROM attempt t WHERE t.action_id = NEW.action_id)
BEGIN
  SELECT RAISE(ABORT, 'attempts are numbered 1, 2, 3');
END;
CREATE TRIGGER attempt_same_request BEFORE INSERT ON attempt
WHEN EXISTS (
  SELECT 1 FROM attempt t WHERE t.action_id = NEW.action_id AND t.request <> NEW.request)
BEGIN
  SELECT RAISE(ABORT, 'the same number is sent again with the same bytes only');
END;
CREATE TRIGGER attempt_answer_to_what_is_sent BEFORE INSERT ON attempt_answer
WHEN NEW.attempt IS NOT (
  SELECT e.attempt FROM action_event e
  WHERE e.action_id = NEW.action_id ORDER BY e.seq DESC LIMIT 1)
BEGIN
  SELECT RAISE(ABORT, 'this attempt is not being sent, so nothing can be answered to it');
END;
CREATE TRIGGER attribution_to_a_fitting_action BEFORE INSERT ON attribution
WHEN NEW.action_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM action a JOIN record_seen r ON r.record_seq = NEW.record_seq
  WHERE a.action_id = NEW.action_id AND r.record_seq > a.known_upto AND r.kind = a.verb
    AND r.product_id = a.product_id AND r.coin = a.coin AND r.amount = a.amount
    AND r.subscribe_type IS NOT 'AUTO'
    AND NOT EXISTS (
      SELECT 1 FROM record_status_seen s
      WHERE s.record_seq = r.record_seq AND s.subscribe_type = 'AUTO'))
BEGIN
  SELECT RAISE(ABORT, 'this record is not what the action asked for, or was there before it');
END;
CREATE TRIGGER attribution_with_its_event BEFORE INSERT ON attribution
WHEN NEW.action_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM action_event e
  WHERE e.action_id = NEW.action_id AND e.to_state IN ('settled', 'late'))
BEGIN
  SELECT RAISE(ABORT, 'a record belongs to an action that is settled, or late');
END;
CREATE TRIGGER attribution_of_interest BEFORE INSERT ON attribution
WHEN (NEW.attributed_to = 'interest') IS NOT (
  SELECT r.kind = 'interest' FROM record_seen r WHERE r.record_seq = NEW.record_seq)
BEGIN
  SELECT RAISE(ABORT, 'interest records, and only they, are interest');
END;
CREATE VIEW action_now AS
SELECT
  a.action_id, a.cycle_id, a.request_no, a.verb, a.coin, a.product_id, a.earn_id, a.amount,
  a.reason, e.to_state AS state, e.at AS since,
  (SELECT p.at FROM action_event p WHERE p.action_id = a.action_id AND p.seq = 0) AS planned_at,
  (SELECT t.sent_at FROM attempt t WHERE t.action_id = a.action_id AND t.attempt = 1) AS sent_at,
  CASE WHEN e.to_state IN ('settled', 'late') THEN e.at END AS settled_at,
  (SELECT count(*) FROM attempt t WHERE t.action_id = a.action_id) AS attempts,
  r.http_status, r.code, r.message, r.trace
FROM action a
LEFT JOIN action_event e ON e.action_id = a.action_id
  AND e.seq = (SELECT max(m.seq) FROM action_event m WHERE m.action_id = a.action_id)
LEFT JOIN attempt_answer r ON r.action_id = a.action_id
  AND r.attempt = (SELECT max(m.attempt) FROM attempt_answer m WHERE m.action_id = a.action_id);
CREATE VIEW attempt_log AS
SELECT
  t.action_id, t.attempt, a.request_no, t.sent_at, r.answered_at, r.http_status, r.code,
  r.message, r.trace, r.outcome
FROM attempt t
JOIN action a ON a.action_id = t.action_id
LEFT JOIN attempt_answer r ON r.action_id = t.action_id AND r.attempt = t.attempt;
CREATE VIEW event_log AS
SELECT action_id, seq, from_state, to_state, at, actor, evidence FROM action_event;
CREATE VIEW decision_log AS
SELECT cycle_id, at, coin, verdict, product_id, amount, reason, detail FROM decision;
CREATE VIEW cycle_log AS
SELECT c.cycle_id, c.run_id, c.began_at, x.ended_at, x.outcome, x.moves, x.holds, x.failure
FROM cycle c LEFT JOIN cycle_end x ON x.cycle_id = c.cycle_id;
CREATE VIEW holding_checked AS
WITH RECURSIVE keys(key) AS (
  SELECT min(product_id) FROM holding_seen
  UNION ALL
  SELECT (SELECT min(t.product_id) FROM holding_seen t WHERE t.product_id > keys.key)
  FROM keys WHERE keys.key IS NOT NULL
), newest(id) AS (
  SELECT (SELECT max(t.holding_seen_id) FROM holding_seen t WHERE t.product_id = keys.key)
  FROM keys WHERE keys.key IS NOT NULL
)
SELECT h.coin, h.product_id, h.earn_id, h.amount, h.verified, h.why,
  (SELECT k.at FROM look k WHERE k.kind IN ('holdings') ORDER BY k.look_id DESC LIMIT 1) AS as_of
FROM newest JOIN holding_seen h ON h.holding_seen_id = newest.id;
CREATE VIEW holding_now AS
SELECT coin, product_id, earn_id, amount, verified, as_of FROM holding_checked;
CREATE VIEW balance_now AS
WITH RECURSIVE keys(key) AS (
  SELECT min(coin) FROM balance_seen
  UNION ALL
  SELECT (SELECT min(t.coin) FROM balance_seen t WHERE t.coin > keys.key)
  FROM keys WHERE keys.key IS NOT NULL
), newest(id) AS (
  SELECT (SELECT max(t.balance_seen_id) FROM balance_seen t WHERE t.coin = keys.key)
  FROM keys WHERE keys.key IS NOT NULL
)
SELECT b.coin, b.available, b.frozen, (SELECT k.at FROM look k WHERE k.kind IN ('full', 'wallet') ORDER BY k.look_id DESC LIMIT 1) AS as_of
FROM newest JOIN balance_seen b ON b.balance_seen_id = newest.id;
CREATE VIEW total_now AS
WITH RECURSIVE keys(key) AS (
  SELECT min(coin) FROM total_seen
  UNION ALL
  SELECT (SELECT min(t.coin) FROM total_seen t WHERE t.coin > keys.key)
  FROM keys WHERE keys.key IS NOT NULL
), newest(id) AS (
  SELECT (SELECT max(t.total_seen_id) FROM total_seen t WHERE t.coin = keys.key)
  FROM keys WHERE keys.key IS NOT NULL
)
SELECT t.coin, t.amount, t.seen_at FROM newest JOIN total_seen t ON t.total_seen_id = newest.id;
CREATE VIEW position_now AS
WITH RECURSIVE keys(key) AS (
  SELECT min(earn_id) FROM position_seen
  UNION ALL
  SELECT (SELECT min(t.earn_id) FROM position_seen t WHERE t.earn_id > keys.key)
  FROM keys WHERE keys.key IS NOT NULL
), newest(id) AS (
  SELECT (SELECT max(t.position_seen_id) FROM position_seen t WHERE t.earn_id = keys.key)
  FROM keys WHERE keys.key IS NOT NULL
)
SELECT p.earn_id, p.product_id, p.coin, p.listed, p.apy, p.additional_apy, p.total_profit,
  p.auto_subscribe, p.amount, p.seen_at
FROM newest JOIN position_seen p ON p.position_seen_id = newest.id;
CREATE VIEW product_now AS
WITH RECURSIVE keys(key) AS (
  SELECT min(product_id) FROM product_seen
  UNION ALL
  SELECT (SELECT min(t.product_id) FROM product_seen t WHERE t.product_id > keys.key)
  FROM keys WHERE keys.key IS NOT NULL
), newest(id) AS (
  SELECT (SELECT max(t.product_seen_id) FROM product_seen t WHERE t.product_id = keys.key)
  FROM keys WHERE keys.key IS NOT NULL
)
SELECT p.product_id, p.coin, p.listed, p.apy, p.additional_apy, p.minimum, p.maximum,
  p.has_tiers, p.tag, p.seen_at, p.product_seen_id
FROM newest JOIN product_seen p ON p.product_seen_id = newest.id;
CREATE VIEW record_now AS
SELECT
  r.record_seq, r.record_id, r.kind, r.product_id, r.coin, r.amount, r.at,
  coalesce((SELECT s.subscribe_type FROM record_status_seen s
    WHERE s.record_seq = r.record_seq AND s.subscribe_type IS NOT NULL
    ORDER BY s.record_status_id DESC LIMIT 1), r.subscribe_type) AS subscribe_type,
  coalesce((SELECT s.request_no FROM record_status_seen s
    WHERE s.record_seq = r.record_seq AND s.request_no IS NOT NULL
    ORDER BY s.record_status_id DESC LIMIT 1), r.request_no) AS request_no,
  coalesce((SELECT s.status FROM record_status_seen s
    WHERE s.record_seq = r.record_seq AND s.status IS NOT NULL
    ORDER BY s.record_status_id DESC LIMIT 1), r.status) AS status,
  r.seen_at, w.attributed_to, w.action_id
FROM record_seen r LEFT JOIN attribution w ON w.record_seq = r.record_seq;
CREATE VIEW interest_daily AS
WITH laid_out AS (
  SELECT substr(at, 1, 10) AS day, coin, product_id,
    substr('00000000000000000000' || substr(amount, 1, instr(amount || '.', '.') - 1), -20)
    || substr(substr(amount, instr(amount || '.', '.') + 1) || '000000000000000000', 1, 18)
    AS digits
  FROM record_seen WHERE kind = 'interest'
), parts AS (
  SELECT day, coin, product_id, count(*) AS records,
    sum(CAST(substr(digits, 1, 10) AS INTEGER)) AS p1,
    sum(CAST(substr(digits, 11, 10) AS INTEGER)) AS p2,
    sum(CAST(substr(digits, 21, 9) AS INTEGER)) AS p3,
    sum(CAST(substr(digits, 30, 9) AS INTEGER)) AS p4
  FROM laid_out GROUP BY day, coin, product_id
), carried_3 AS (
  SELECT *, p3 + p4 / 1000000000 AS c3 FROM parts
), carried_2 AS (
  SELECT *, p2 + c3 / 1000000000 AS c2 FROM carried_3
), written AS (
  SELECT day, coin, product_id, records,
    ltrim(printf('%d%010d', p1 + c2 / 10000000000, c2 % 10000000000), '0') AS whole,
    rtrim(printf('%09d%09d', c3 % 1000000000, p4 % 1000000000), '0') AS part
  FROM carried_2
)
SELECT day, coin, product_id,
  CASE whole WHEN '' THEN '0' ELSE whole END || CASE part WHEN '' THEN '' ELSE '.' || part END
  AS amount, records
FROM written;
CREATE VIEW rate_history AS
SELECT p.seen_at, p.product_id, p.coin, p.apy, p.additional_apy,
  '[' || coalesce((
    SELECT group_concat('{"lower":"' || t.lower || '","upper":"' || t.upper
      || '","rate":"' || t.rate || '"}')
    FROM (SELECT * FROM tier_seen s WHERE s.product_seen_id = p.product_seen_id ORDER BY s.n) t
  ), '') || ']' AS tiers
FROM product_seen p WHERE p.listed;
CREATE VIEW movement AS
SELECT r.at, r.kind, r.coin, r.product_id, r.amount,
  coalesce(w.attributed_to, 'unexplained') AS attributed_to, w.action_id, r.record_id
FROM record_seen r LEFT JOIN attribution w ON w.record_seq = r.record_seq;
CREATE VIEW audit_stale_unknown AS
SELECT 'Action ' || a.action_id || ', ' || a.verb || ' ' || a.amount || ' ' || a.coin || CASE a.state
    WHEN 'needs_operator' THEN ', waits for a person since ' || a.since || ': `earnd resolve`.'
    ELSE ', is ' || a.state || ' since ' || a.since || ', more than an hour.' END AS what,
  a.action_id, a.coin, a.product_id, a.request_no, a.state, a.since, a.attempts, a.code, a.message
FROM action_now a
WHERE a.state = 'needs_operator'
   OR (a.state IN ('planned', 'sending', 'unknown', 'accepted') AND a.since < (SELECT strftime('%Y-%m-%dT%H:%M:%fZ', c.began_at, '-1 hour') FROM cycle c ORDER BY c.cycle_id DESC LIMIT 1));
CREATE VIEW audit_accepted_without_effect AS
SELECT 'Action ' || a.action_id || ', ' || a.verb || ' ' || a.amount || ' ' || a.coin || ', was accepted at ' || a.since || ' and no record of it has appeared.' AS what,
  a.action_id, a.coin, a.product_id, a.request_no, a.amount, a.since, a.trace
FROM action_now a WHERE a.state = 'accepted' AND a.since < (SELECT strftime('%Y-%m-%dT%H:%M:%fZ', c.began_at, '-1 hour') FROM cycle c ORDER BY c.cycle_id DESC LIMIT 1);
CREATE VIEW audit_late_action AS
SELECT 'Action ' || a.action_id || ', ' || a.verb || ' ' || a.amount || ' ' || a.coin || ', was written off, and then its record appeared at ' || a.since || '.' AS what,
  a.action_id, a.coin, a.product_id, a.request_no, a.amount, a.since,
  (SELECT w.record_seq FROM attribution w WHERE w.action_id = a.action_id) AS record_seq
FROM action_now a WHERE a.state = 'late' AND a.since >= (SELECT strftime('%Y-%m-%dT%H:%M:%fZ', c.began_at, '-7 days') FROM cycle c ORDER BY c.cycle_id DESC LIMIT 1);
CREATE VIEW audit_two_open_actions AS
SELECT a.coin || ' has ' || count(*) || ' open actions: ' || group_concat(a.action_id, ', ')
    || '.' AS what,
  a.coin, count(*) AS actions
FROM action a
WHERE NOT EXISTS (
  SELECT 1 FROM action_event e WHERE e.action_id = a.action_id
    AND e.to_state IN ('settled', 'rejected', 'dropped', 'late'))
GROUP BY a.coin HAVING count(*) > 1;
CREATE VIEW audit_event_gap AS
SELECT 'Action ' || a.action_id || ', ' || a.verb || ' ' || a.amount || ' ' || a.coin || ', has ' || count(e.seq) || ' events of which the last is number '
    || coalesce(max(e.seq), 'none') || '.' AS what,
  a.action_id, a.coin, count(e.seq) AS events, max(e.seq) AS last_seq
FROM action a LEFT JOIN action_event e ON e.action_id = a.action_id
GROUP BY a.action_id HAVING count(e.seq) <> coalesce(max(e.seq) + 1, -1)
UNION ALL
SELECT 'Action ' || a.action_id || ', ' || a.verb || ' ' || a.amount || ' ' || a.coin || ', goes from ' || e.from_state || ' to ' || e.to_state || ' at event ' || e.seq
    || ' but was ' || coalesce(p.to_state, 'nothing') || ' before.' AS what,
  a.action_id, a.coin, NULL, e.seq
FROM action_event e
JOIN action a ON a.action_id = e.action_id
LEFT JOIN action_event p ON p.action_id = e.action_id AND p.seq = e.seq - 1
WHERE e.seq > 0 AND (p.to_state IS NOT e.from_state OR NOT EXISTS (
  SELECT 1 FROM action_transition t
  WHERE t.from_state = e.from_state AND t.to_state = e.to_state));
CREATE VIEW audit_settled_without_record AS
SELECT 'Action ' || a.action_id || ', ' || a.verb || ' ' || a.amount || ' ' || a.coin || ', is ' || a.state || ' since ' || a.since
    || ', but no record is attributed to it.' AS what,
  a.action_id, a.coin, a.product_id, a.request_no, a.amount, a.state, a.since
FROM action_now a
WHERE a.state IN ('settled', 'late')
  AND NOT EXISTS (SELECT 1 FROM attribution w WHERE w.action_id = a.action_id)
  AND NOT EXISTS (
    SELECT 1 FROM action_event e WHERE e.action_id = a.action_id
      AND e.to_state = 'settled' AND e.actor = 'operator');
CREATE VIEW audit_attempt_without_answer AS
SELECT 'Action ' || a.action_id || ', ' || a.verb || ' ' || a.amount || ' ' || a.coin || ', was judged ' || e.to_state || ' at ' || e.at
    || ' though nothing was answered to attempt ' || t.attempt || '.' AS what,
  a.action_id, a.coin, t.attempt, t.sent_at, e.to_state AS judged, e.at
FROM attempt t
JOIN action a ON a.action_id = t.action_id
JOIN action_event s ON s.action_id = t.action_id AND s.attempt = t.attempt
JOIN action_event e ON e.action_id = t.action_id AND e.seq = s.seq + 1
WHERE e.to_state IN ('accepted', 'rejected', 'dropped')
  AND NOT EXISTS (
    SELECT 1 FROM attempt_answer r WHERE r.action_id = t.action_id AND r.attempt = t.attempt);
CREATE VIEW audit_number_reused AS
SELECT 'Number ' || a.request_no || ' belongs to actions ' || group_concat(a.action_id, ', ')
    || '.' AS what,
  a.request_no
FROM action a GROUP BY a.request_no HAVING count(*) > 1
UNION ALL
SELECT 'Number ' || a.request_no || ' was sent with ' || count(DISTINCT t.request)
    || ' different requests.' AS what,
  a.request_no
FROM attempt t JOIN action a ON a.action_id = t.action_id
GROUP BY a.action_id HAVING count(DISTINCT t.request) > 1
UNION ALL
SELECT 'Number ' || r.request_no || ' was carried out ' || count(*) || ' times, as records '
    || group_concat(r.record_id, ', ') || '.' AS what,
  r.request_no
FROM record_now r WHERE r.kind <> 'interest' AND r.request_no IS NOT NULL
GROUP BY r.request_no HAVING count(*) > 1;
CREATE VIEW audit_unexplained_movement AS
SELECT 'Nobody is known to have caused ' || r.kind || ' ' || r.amount || ' ' || r.coin
    || ' at ' || r.at || ' (record ' || r.record_id || ').' AS what,
  r.record_seq, r.kind, r.coin, r.product_id, r.amount, r.at, r.record_id, r.seen_at
FROM record_now r
WHERE r.seen_at < (SELECT strftime('%Y-%m-%dT%H:%M:%fZ', c.began_at, '-1 hour') FROM cycle c ORDER BY c.cycle_id DESC LIMIT 1)
  AND r.attributed_to IS NULL
  AND r.status IS NOT 'failed'  -- what failed moved nothing
  AND NOT EXISTS (  -- a record that an open action may yet claim is not unexplained
    SELECT 1 FROM action_now a
    WHERE a.state NOT IN ('settled', 'rejected', 'dropped', 'late')
      AND a.verb = r.kind AND a.product_id = r.product_id AND a.coin = r.coin
      AND a.amount = r.amount);
CREATE VIEW audit_holding_drift AS
SELECT 'What is held of ' || h.coin || ' in product ' || h.product_id || ' is not verified: '
    || h.why || '.' AS what,
  h.coin, h.product_id, h.earn_id, h.amount, h.as_of
FROM holding_checked h
WHERE NOT h.verified
  AND NOT EXISTS (  -- while an action is open, records and totals may differ by it
    SELECT 1 FROM action_now a
    WHERE a.coin = h.coin AND a.state NOT IN ('settled', 'rejected', 'dropped', 'late'));
CREATE INDEX closure_newest ON closure (endpoint, closing, closure_id);
CREATE TRIGGER closure_never_changed BEFORE UPDATE ON closure BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of closure is ever changed');
END;
CREATE TRIGGER closure_never_deleted BEFORE DELETE ON closure BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of closure is ever deleted');
END;
CREATE TRIGGER closure_never_replaced BEFORE INSERT ON closure
WHEN EXISTS (SELECT 1 FROM closure WHERE closure_id = NEW.closure_id)
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: closure has a row with this key');
END;
CREATE INDEX capability_seen_newest ON capability_seen (name, capability_seen_id);
CREATE TRIGGER capability_seen_never_changed BEFORE UPDATE ON capability_seen BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of capability_seen is ever changed');
END;
CREATE TRIGGER capability_seen_never_deleted BEFORE DELETE ON capability_seen BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of capability_seen is ever deleted');
END;
CREATE TRIGGER capability_seen_never_replaced BEFORE INSERT ON capability_seen
WHEN EXISTS (SELECT 1 FROM capability_seen WHERE capability_seen_id = NEW.capability_seen_id)
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: capability_seen has a row with this key');
END;
CREATE VIEW capability_now AS
SELECT c.name, c.value, c.at AS since FROM capability_seen c
WHERE c.capability_seen_id = (
  SELECT max(m.capability_seen_id) FROM capability_seen m WHERE m.name = c.name);
CREATE TRIGGER probe_send_never_changed BEFORE UPDATE ON probe_send BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of probe_send is ever changed');
END;
CREATE TRIGGER probe_send_never_deleted BEFORE DELETE ON probe_send BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of probe_send is ever deleted');
END;
CREATE TRIGGER probe_send_never_replaced BEFORE INSERT ON probe_send
WHEN EXISTS (SELECT 1 FROM probe_send WHERE action_id = NEW.action_id AND n = NEW.n)
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: probe_send has a row with this key');
END;
CREATE TRIGGER probe_send_of_a_settled_probe BEFORE INSERT ON probe_send
WHEN NOT EXISTS (
  SELECT 1 FROM action a
  JOIN attempt t ON t.action_id = a.action_id AND t.attempt = 1
  JOIN action_event e ON e.action_id = a.action_id AND e.to_state = 'settled'
  WHERE a.action_id = NEW.action_id AND a.reason = 'probe' AND t.request = NEW.request)
BEGIN
  SELECT RAISE(ABORT, 'only the settled action of a probe is sent once more, with the same bytes');
END;
CREATE TRIGGER probe_answer_never_changed BEFORE UPDATE ON probe_answer BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of probe_answer is ever changed');
END;
CREATE TRIGGER probe_answer_never_deleted BEFORE DELETE ON probe_answer BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of probe_answer is ever deleted');
END;
CREATE TRIGGER probe_answer_never_replaced BEFORE INSERT ON probe_answer
WHEN EXISTS (SELECT 1 FROM probe_answer WHERE action_id = NEW.action_id AND n = NEW.n)
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: probe_answer has a row with this key');
END;
CREATE VIEW probe_log AS
SELECT p.action_id, a.request_no, p.n, p.sent_at, r.answered_at, r.outcome, r.http_status, r.code,
  r.message, r.trace
FROM probe_send p
JOIN action a ON a.action_id = p.action_id
LEFT JOIN probe_answer r ON r.action_id = p.action_id AND r.n = p.n;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('run',1);
INSERT INTO "sqlite_sequence" VALUES('cycle',39);
INSERT INTO "sqlite_sequence" VALUES('look',108);
INSERT INTO "sqlite_sequence" VALUES('product_seen',11);
INSERT INTO "sqlite_sequence" VALUES('balance_seen',51);
INSERT INTO "sqlite_sequence" VALUES('capability_seen',7);
INSERT INTO "sqlite_sequence" VALUES('decision',259);
INSERT INTO "sqlite_sequence" VALUES('action',31);
INSERT INTO "sqlite_sequence" VALUES('record_seen',69);
INSERT INTO "sqlite_sequence" VALUES('position_seen',52);
INSERT INTO "sqlite_sequence" VALUES('total_seen',15);
INSERT INTO "sqlite_sequence" VALUES('holding_seen',17);
INSERT INTO "sqlite_sequence" VALUES('action_look',1);
INSERT INTO "sqlite_sequence" VALUES('operator_note',2);
INSERT INTO "sqlite_sequence" VALUES('closure',2);
INSERT INTO "sqlite_sequence" VALUES('record_status_seen',1);
COMMIT;
