//! Roles that are assumed, by the program itself and moto's STS.

