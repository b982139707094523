strongroom/Apbm1LPby0j2uFwtSS6mJg/1
1
J06+jZ2U4tXiXQjyKQc/wqq9T3CP2rFbF4N24RSb7pY=

— strongroom/Apbm1LPby0j2uFwtSS6mJg/1 +S+Kl4/GOEoVSDfS/QvDSyNtTCu5E0Rg+iH0IVhkrEIjsDP0e9PJO0RjgMiW0qiVYBc9sv0G//bIcI/itKUZcKfUdAc=
