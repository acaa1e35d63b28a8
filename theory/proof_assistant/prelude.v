From Coq Require Import Reals Lra Lia Psatz Classical_Prop.
From Coquelicot Require Import Coquelicot.
Open Scope R_scope.
Notation "x / y" := (x * / y) : R_scope.

(* What formulas are written with: a Taylor coefficient, a limit, a sequence's member, and two integrals. *)
Definition coefficient (f : R -> R) (k : nat) (p : R) : R := Derive_n f k p / INR (fact k).
Definition limit (f : R -> R) (p : R) : R := real (Lim f p).
Definition value_at_natural (f : nat -> R) (n : nat) : R := f n.
Definition erf (x : R) : R := 2 / sqrt PI * RInt (fun t => exp (- (t * t))) 0 x.
Definition erfi (x : R) : R := 2 / sqrt PI * RInt (fun t => exp (t * t)) 0 x.

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
