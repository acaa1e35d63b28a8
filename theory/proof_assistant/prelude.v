From Coq Require Import Reals Lra Lia Psatz Classical_Prop.
From Coquelicot Require Import Coquelicot.
Open Scope R_scope.
Notation "x / y" := (x * / y) : R_scope.

(* What formulas are written with: a Taylor coefficient, a limit, a sequence's member, and two integrals. *)
Definition coefficient (f : R -> R) (k : nat) (p : R) : R := Derive_n f k p / INR (fact k).
Definition limit (f : R -> R) (p : R) : R := real (Lim f p).
Definition value_at_natural (f : nat -> R) (n : nat) : R := f n.
Definition erf (x : R) : R := 2 / sqrt PI * RInt (fun t => exp (- t ^ 2)) 0 x.
Definition erfi (x : R) : R := 2 / sqrt PI * RInt (fun t => exp (t ^ 2)) 0 x.

(* Steps of arithmetic that the scripts use. *)
Ltac cases_lra := first [lra | left; cases_lra | right; cases_lra].
Lemma times_zero : forall p q : R, p = 0 -> p * q = 0.
Proof. intros; subst; ring. Qed.
Lemma nonzero_square : forall p : R, p <> 0 -> 0 < p ^ 2.
Proof. intros p H. generalize (Rsqr_pos_lt p H). unfold Rsqr. lra. Qed.
Lemma inverse_cases : forall b : R, / b * b - 1 = 0 \/ b = 0.
Proof. intros b. destruct (Req_dec b 0); [right; assumption | left; field; assumption]. Qed.
Lemma root_cases : forall b : R, (sqrt b >= 0 /\ sqrt b ^ 2 - b = 0) \/ - b > 0.
Proof.
  intros b. destruct (Rle_lt_dec 0 b); [left | right; lra].
  split; [apply Rle_ge, sqrt_pos | rewrite pow2_sqrt; lra].
Qed.
Lemma pi_bounds : 3 < PI /\ PI < 4.
Proof.
  split; [generalize PI2_3_2; lra | ].
  destruct (PI_ineq 1) as [_ H]. unfold tg_alt, PI_tg in H. simpl in H. lra.
Qed.
Lemma exp_power : forall (x : R) (n : nat), exp x ^ n = exp (INR n * x).
Proof.
  intros x n. induction n as [| n IH]; [simpl; rewrite Rmult_0_l, exp_0; reflexivity | ].
  rewrite S_INR. simpl. rewrite IH, <- exp_plus. f_equal. ring.
Qed.
Lemma exp_zero : forall x : R, x = 0 -> exp x = 1.
Proof. intros x H. rewrite H. apply exp_0. Qed.

(* Derivatives and Taylor coefficients, the next order from that of the derivative. *)
Lemma derive_next : forall (f df : R -> R) (k : nat) (p : R),
  locally p (fun y => is_derive f y (df y)) -> Derive_n f (S k) p = Derive_n df k p.
Proof.
  intros f df k p H. rewrite <- Nat.add_1_r, <- Derive_n_comp. apply Derive_n_ext_loc.
  apply (filter_imp _ _ (fun y D => is_derive_unique f y (df y) D) H).
Qed.
Lemma differentiable_next : forall (f df : R -> R) (k : nat) (p : R),
  locally p (fun y => is_derive f y (df y)) -> ex_derive_n df (S k) p -> ex_derive_n f (S (S k)) p.
Proof.
  intros f df k p H D. change (ex_derive (Derive_n f (S k)) p).
  apply (ex_derive_ext_loc (Derive_n df k)); [ | exact D].
  apply (filter_imp (fun y => locally y (fun z => is_derive f z (df z)))); [ | apply locally_locally, H].
  intros y L. symmetry. apply derive_next, L.
Qed.
Lemma coefficient_start : forall (f : R -> R) (p : R), coefficient f 0 p = f p.
Proof. intros f p. unfold coefficient. simpl. field. Qed.
Lemma coefficient_next : forall (f df : R -> R) (k : nat) (p : R),
  locally p (fun y => is_derive f y (df y)) -> coefficient f (S k) p = coefficient df k p / INR (S k).
Proof.
  intros f df k p H. unfold coefficient. rewrite (derive_next f df k p H), fact_simpl, mult_INR.
  field. split; [apply not_0_INR; lia | apply INR_fact_neq_0].
Qed.
Lemma derive_now : forall (f : R -> R) (p d : R), is_derive f p d -> coefficient f 1 p = d.
Proof.
  intros f p d H. unfold coefficient. simpl. replace (Derive (fun x : R => f x) p) with d; [field | ].
  symmetry. apply is_derive_unique, H.
Qed.
Lemma nonzero_near : forall (g : R -> R) (p : R), ex_derive g p -> g p <> 0 -> locally p (fun y => g y <> 0).
Proof.
  intros g p D H. apply (ex_derive_continuous g p D (fun z => z <> 0)).
  apply open_neq, H.
Qed.
Lemma positive_near : forall (g : R -> R) (p : R), ex_derive g p -> g p > 0 -> locally p (fun y => g y > 0).
Proof.
  intros g p D H. apply (ex_derive_continuous g p D (fun z => z > 0)).
  apply (open_gt 0), H.
Qed.
Lemma erf_derives : forall x : R, is_derive erf x (2 / sqrt PI * exp (- x ^ 2)).
Proof.
  intros x. unfold erf. apply (is_derive_scal (RInt (fun t => exp (- t ^ 2)) 0)).
  apply (is_derive_RInt (fun t => exp (- t ^ 2)) _ 0).
  - apply filter_forall. intros y. apply (RInt_correct (V := R_CompleteNormedModule)), ex_RInt_continuous.
    intros z _. apply (ex_derive_continuous (V := R_NormedModule)). auto_derive. exact I.
  - apply (ex_derive_continuous (V := R_NormedModule)). auto_derive. exact I.
Qed.
Lemma erfi_derives : forall x : R, is_derive erfi x (2 / sqrt PI * exp (x ^ 2)).
Proof.
  intros x. unfold erfi. apply (is_derive_scal (RInt (fun t => exp (t ^ 2)) 0)).
  apply (is_derive_RInt (fun t => exp (t ^ 2)) _ 0).
  - apply filter_forall. intros y. apply (RInt_correct (V := R_CompleteNormedModule)), ex_RInt_continuous.
    intros z _. apply (ex_derive_continuous (V := R_NormedModule)). auto_derive. exact I.
  - apply (ex_derive_continuous (V := R_NormedModule)). auto_derive. exact I.
Qed.
Global Instance erf_unary : UnaryDiff erf := { UnaryDiff_f' := _; UnaryDiff_H := erf_derives }.
Global Instance erfi_unary : UnaryDiff erfi := { UnaryDiff_f' := _; UnaryDiff_H := erfi_derives }.
Lemma erf_zero : erf 0 = 0.
Proof. unfold erf. rewrite RInt_point. apply Rmult_0_r. Qed.
Lemma erfi_zero : erfi 0 = 0.
Proof. unfold erfi. rewrite RInt_point. apply Rmult_0_r. Qed.

(* A function moves strictly where its derivative has a strict sign inside. *)
Lemma between : forall (f df : R -> R) (a b : R), a < b ->
  (forall s, a <= s <= b -> is_derive f s (df s)) -> exists s, a < s < b /\ f b - f a = df s * (b - a).
Proof.
  intros f df a b L D.
  destruct (MVT_cor2 f df a b L) as [s [E S]].
  - intros c C. apply is_derive_Reals, D, C.
  - exists s. split; assumption.
Qed.
Lemma moved_up : forall a b d e : R, a - b = d * e -> d > 0 -> e > 0 -> a > b.
Proof. intros. nra. Qed.
Lemma moved_down : forall a b d e : R, a - b = d * e -> d < 0 -> e > 0 -> a < b.
Proof. intros. nra. Qed.
Lemma not_down : forall a b d e : R, a - b = d * e -> d >= 0 -> e > 0 -> a >= b.
Proof. intros. nra. Qed.
Lemma not_up : forall a b d e : R, a - b = d * e -> d <= 0 -> e > 0 -> a <= b.
Proof. intros. nra. Qed.

(* Signs of terms by their form. *)
Ltac sign :=
  first [ assumption | lra
        | match goal with
          | |- _ * _ <> 0 => apply Rmult_integral_contrapositive_currified; sign
          | |- _ ^ _ <> 0 => apply pow_nonzero; sign
          | |- / _ <> 0 => apply Rinv_neq_0_compat; sign
          | |- exp _ <> 0 => apply Rgt_not_eq, exp_pos
          | |- sqrt _ <> 0 => apply Rgt_not_eq, sqrt_lt_R0; sign
          | |- Rabs _ <> 0 => apply Rabs_no_R0; sign
          | H : _ <> 0 |- _ <> 0 => intro zero; apply H; lra
          | |- PI <> 0 => apply PI_neq0
          | |- exp _ > 0 => apply exp_pos
          | |- PI > 0 => apply PI_RGT_0
          | |- PI >= 0 => apply Rgt_ge, PI_RGT_0
          | |- INR _ >= 0 => apply Rle_ge, pos_INR
          | |- sqrt _ > 0 => apply sqrt_lt_R0; sign
          | |- sqrt _ >= 0 => apply Rle_ge, sqrt_pos
          | |- Rabs _ >= 0 => apply Rle_ge, Rabs_pos
          | |- / _ > 0 => apply Rinv_0_lt_compat; sign
          | |- _ ^ 2 >= 0 => apply Rle_ge, pow2_ge_0
          | |- _ ^ 2 > 0 => apply nonzero_square; sign
          | |- _ ^ _ > 0 => apply pow_lt; sign
          | |- _ * _ > 0 => apply Rmult_gt_0_compat; sign
          | |- _ * _ >= 0 => apply Rle_ge, Rmult_le_pos; apply Rge_le; sign
          | |- _ + _ > 0 => first [apply Rplus_lt_0_compat; sign | apply Rplus_lt_le_0_compat; [sign | apply Rge_le; sign]
                                  | apply Rplus_le_lt_0_compat; [apply Rge_le; sign | sign]]
          | |- _ <> 0 => first [apply Rgt_not_eq; sign | apply Rlt_not_eq; solve [nra]]
          | |- 0 < _ => apply Rgt_lt; sign
          | |- 0 <= _ => apply Rge_le; sign
          end
        | nra ].
